// Test harness. The realm of a suite: Jest's own for Node, but that its globals are read as they are anywhere else.
// Jest puts a proxy in the place of the global object, so that it can sweep away what a suite leaves on it. V8 then
// asks that proxy at every `Error`, `Math` and `Promise`: five times what reading one takes (decision 0068).
import { AsyncLocalStorage } from 'node:async_hooks';
import vm from 'node:vm';
import { TestEnvironment } from 'jest-environment-node';

/** Before Node 24 each one in use is asked at every promise of the process, long after its suite has ended. */
const inUse = new Set();
const { _enable: enable } = AsyncLocalStorage.prototype;
if (enable !== undefined) {
  AsyncLocalStorage.prototype._enable = function () {
    inUse.add(this);
    return enable.call(this);
  };
}

export default class PlainGlobals extends TestEnvironment {
  constructor(...given) {
    const { createContext } = vm;
    let made = 0;
    vm.createContext = () => {
      made += 1;
      return createContext(vm.constants.DONT_CONTEXTIFY);
    };
    try {
      super(...given);
    } finally {
      vm.createContext = createContext;
    }
    if (made !== 1) throw new Error('Jest makes its realm in another way by now (decision 0068)');
  }

  async teardown() {
    await super.teardown();
    for (const store of inUse) store.disable();
    inUse.clear();
  }
}
