// Providers room, tools. Runs a synchronous piece of work for a while and no longer. Some inputs make a parser take
// time that grows with their square, and nothing else in this process would run meanwhile, not even a timer.
import { createContext, Script } from 'node:vm';

const CALL = new Script('work()');

export type Bounded<T> = { readonly value: T } | 'timed_out';

/** What the work throws is thrown; running out of time is an answer. */
export function bounded<T>(milliseconds: number, work: () => T): Bounded<T> {
  let done: { readonly value: T } | undefined;
  const context = createContext({
    work: () => {
      done = { value: work() };
    },
  });
  try {
    CALL.runInContext(context, { timeout: milliseconds });
  } catch (error) {
    if (isTimeout(error)) return 'timed_out';
    throw error;
  }
  if (done === undefined) throw new Error('the work came back without a result');
  return done;
}

function isTimeout(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
  );
}
