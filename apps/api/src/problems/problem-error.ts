// API room. A refusal on its way out: a code of the registry, a sentence, and the typed details of the answer.
import type { ProblemCode } from '@fairmeter/contracts';

export type ProblemMembers = Readonly<Record<string, unknown>>;

export interface ProblemOptions {
  /** Extension members of the document, snake_case and ready for the wire. */
  readonly members?: ProblemMembers;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly members: ProblemMembers;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly code: ProblemCode,
    readonly detail: string,
    options: ProblemOptions = {},
  ) {
    super(`${code}: ${detail}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.members = options.members ?? {};
    this.headers = options.headers ?? {};
  }
}

/** One thing wrong with the input: `pointer` into the body, or the name of a header or query parameter. */
export interface InputFault {
  readonly pointer?: string;
  readonly header?: string;
  readonly parameter?: string;
  readonly message: string;
}

export function validationFailed(errors: readonly InputFault[]): ProblemError {
  return new ProblemError('validation_failed', 'Some of the input does not fit; `errors` names each place.', {
    members: { errors },
  });
}
