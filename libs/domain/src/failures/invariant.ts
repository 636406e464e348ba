// Domain room. Broken is not refused: an invariant that does not hold is a bug, thrown and never caught to continue.
export class InvariantViolation extends Error {
  override readonly name = 'InvariantViolation';
  constructor(
    readonly invariant: string,
    detail: string,
  ) {
    super(`${invariant}: ${detail}`);
  }
}

export function invariant(holds: boolean, name: string, detail: string): asserts holds {
  if (!holds) throw new InvariantViolation(name, detail);
}
