// Test harness. The realm of a suite: Jest's own for Node, but that its globals are read as they are anywhere else.
// Jest puts a proxy in the place of the global object, so that it can sweep away what a suite leaves on it. V8 then
// asks that proxy at every `Error`, `Math` and `Promise`: five times what reading one takes (decision 0068).
import vm from 'node:vm';
import { TestEnvironment } from 'jest-environment-node';

export default class PlainGlobals extends TestEnvironment {
  constructor(...given) {
    const { createContext } = vm;
    vm.createContext = () => createContext(vm.constants.DONT_CONTEXTIFY);
    try {
      super(...given);
    } finally {
      vm.createContext = createContext;
    }
  }
}
