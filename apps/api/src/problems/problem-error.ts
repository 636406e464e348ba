// API room. A refusal on its way out: a code of the registry, a sentence, and the typed details of the answer.
import type { ProblemCode } from '@fairmeter/contracts';
import type { FaultWords } from '../wording/fault-words.js';

export type ProblemMembers = Readonly<Record<string, unknown>>;

export interface ProblemOptions {
  /** Extension members of the document, snake_case and ready for the wire. */
  readonly members?: ProblemMembers;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
  /** What does not fit of the input, place by place: told in `errors`. */
  readonly faults?: readonly InputFault[];
}

export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly members: ProblemMembers;
  readonly headers: Readonly<Record<string, string>>;
  readonly faults: readonly InputFault[];

  constructor(
    readonly code: ProblemCode,
    readonly detail: string,
    options: ProblemOptions = {},
  ) {
    super(`${code}: ${detail}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.faults = options.faults ?? [];
    this.members = { ...options.members, ...(this.faults.length === 0 ? {} : { errors: this.faults.map(asSaid) }) };
    this.headers = options.headers ?? {};
  }
}

/** One thing wrong with the input: `pointer` into the body, or the name of a header or query parameter. */
export interface InputFault {
  readonly pointer?: string;
  readonly header?: string;
  readonly parameter?: string;
  readonly message: string;
  /** How a visitor is told of it; where it is left out, by the message. */
  readonly words?: FaultWords;
}

function asSaid({ words: _, ...told }: InputFault): InputFault {
  return told;
}

export function validationFailed(faults: readonly InputFault[]): ProblemError {
  return new ProblemError('validation_failed', 'Some of the input does not fit; `errors` names each place.', {
    faults,
  });
}
