// Loops room. The words traces are written in: raw calls as a tool would see them, turned into what the detector sees.
import type { Evidence, LoopCause, LoopPolicy, LoopSignal, ObservedStep, RawError } from '@fairmeter/domain';
import { credits, hashesOf, smallDigest, ZERO } from '@fairmeter/domain';

export interface Line extends Omit<Partial<ObservedStep>, 'charge'> {
  readonly kind: ObservedStep['kind'];
  readonly args?: unknown;
  readonly result?: unknown;
  readonly error?: Pick<RawError, 'errorClass' | 'text'>;
  readonly charged?: 'nothing';
}

export interface Expected {
  readonly signal: LoopSignal;
  /** Ordinal of the step at which the loop is known; with a job: in the job of that name. */
  readonly at: number;
  readonly cause: LoopCause;
  /** Ordinals; in traces over several jobs `job:ordinal`. */
  readonly refund: readonly (number | string)[];
}

export interface Trace {
  readonly title: string;
  readonly nature: 'looping' | 'honest' | 'adversarial';
  readonly lines: readonly Line[];
  readonly expected: Expected | 'none';
  readonly policy?: Partial<LoopPolicy>;
}

export const JOB = 'job';

/** Ordinals count within each job, as the product's do. */
export function observed(lines: readonly Line[]): ObservedStep[] {
  const ordinals = new Map<string, number>();
  return lines.map(({ args, result, error, charged, ...line }) => {
    const jobId = line.jobId ?? JOB;
    const ordinal = (ordinals.get(jobId) ?? 0) + 1;
    ordinals.set(jobId, ordinal);
    const name = line.name ?? line.kind;
    const isCall = line.kind !== 'model' && line.kind !== 'clarification';
    const hashes = isCall ? hashesOf({ tool: name, args, result, error }, smallDigest, line.kind === 'tool') : {};
    const charge = charged === 'nothing' ? ZERO : credits(1n);
    return { iteration: 1, ...hashes, ...line, jobId, ordinal, charge };
  });
}

type More = Omit<Partial<Line>, 'kind'>;

export const model = (more: More = {}): Line => ({ kind: 'model', ...more });
type Call<Third> = readonly [name: string, args: unknown, third: Third, more?: More];

export const tool = (...[name, args, result, more = {}]: Call<unknown>): Line => ({
  kind: 'tool',
  name,
  args,
  result,
  ...more,
});
export const fails = (...[name, args, text, more = {}]: Call<string>): Line => ({
  kind: 'tool',
  name,
  args,
  error: { errorClass: 'tool_error', text },
  ...more,
});
export const check = (name: string, more: More = {}): Line => ({ kind: 'check', name, ...more });
export const red = (name: string, text: string, more: More = {}): Line =>
  check(name, { green: false, error: { errorClass: 'check_failed', text }, ...more });
export const build = (text: string | null, more: More = {}): Line => ({
  kind: 'build',
  name: 'build',
  green: text === null,
  ...(text === null ? {} : { error: { errorClass: 'build_failed', text } }),
  ...more,
});
export const preview = (text: string | null, more: More = {}): Line => ({ ...build(text, more), kind: 'preview' });

export const times = <T>(count: number, make: (round: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index + 1));

/** Each list is one iteration, numbered from 1. */
export const iterations = (...rounds: readonly (readonly Line[])[]): Line[] =>
  rounds.flatMap((lines, index) => lines.map((line) => ({ ...line, iteration: index + 1 })));

export const ours: readonly Evidence[] = ['tool_crash'];

type Found = readonly [signal: LoopSignal, at: number, cause: LoopCause, refund?: Expected['refund']];

export const loop = (...[signal, at, cause, refund = []]: Found): Expected => ({
  signal,
  at,
  cause,
  refund,
});
