// Providers room: the reference that names one attempt at one step, `<job id>/s<ordinal>/<stage>/a<attempt>`.
// One writer and one reader, so that the adapters, the scripts and a provider's own logs mean the same attempt.

export interface RequestRef {
  readonly jobId: string;
  /** The step's place in its job. */
  readonly ordinal: number;
  /** What the step is for, such as `plan` or `repair`. */
  readonly stage: string;
  /** Counts from 1. */
  readonly attempt: number;
}

const SHAPE = /^([A-Za-z0-9_-]{1,128})\/s(0|[1-9]\d{0,8})\/([a-z][a-z0-9_-]{0,31})\/a([1-9]\d{0,8})$/;

/** Throws on parts that would not read back the same: a reference nobody can resolve is a bug of the caller. */
export function formatRequestRef(ref: RequestRef): string {
  const text = `${ref.jobId}/s${ref.ordinal}/${ref.stage}/a${ref.attempt}`;
  if (!SHAPE.test(text)) {
    throw new RangeError(`not a request reference: ${JSON.stringify(text)}`);
  }
  return text;
}

/** Null for text of any other form. */
export function parseRequestRef(text: string): RequestRef | null {
  const [, jobId, ordinal, stage, attempt] = SHAPE.exec(text) ?? [];
  if (jobId === undefined || ordinal === undefined || stage === undefined || attempt === undefined) {
    return null;
  }
  return { jobId, ordinal: Number(ordinal), stage, attempt: Number(attempt) };
}
