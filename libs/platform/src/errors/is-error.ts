// Platform room. What counts as an error. Node's own are made in its own realm, and code that runs in a context beside
// it, as every suite of tests does, has another `Error`: a lost connection would be taken for nobody knows what.
import { types } from 'node:util';

export function isError(thrown: unknown): thrown is Error {
  return thrown instanceof Error || types.isNativeError(thrown);
}
