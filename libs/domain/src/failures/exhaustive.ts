// Domain room. A switch that forgot a case does not compile, and fails loudly if data lied about its type.
export function unreachable(value: never): never {
  throw new Error(`not a known case: ${JSON.stringify(value)}`);
}
