// Tour: what it reads of the API's answers. The one place where the names of JSON fields stand; everything else here
// works on these types. Promises that a missing field shows as absent and never as a crash of the tour.

export interface JobEvent {
  /** SSE id, to resume from. */
  readonly id: string;
  readonly type: string;
  readonly iteration?: number;
  readonly maxIterations?: number;
  readonly step?: number;
  readonly stage?: string;
  readonly charge?: string;
  readonly chargedSoFar?: string;
  readonly state?: string;
  readonly endReason?: string;
  readonly fault?: string;
}

export interface AcceptedJob {
  readonly id: string;
  readonly state: string;
  readonly replayed: boolean;
  readonly events: string;
  readonly cost: string;
}

export interface CostStep {
  readonly step: string;
  readonly stage: string;
  /** The model that was asked, or the tool that ran. */
  readonly doneBy: string;
  readonly inputTokens: string;
  readonly outputTokens: string;
  readonly charge: string;
}

export interface CostBreakdown {
  readonly steps: readonly CostStep[];
  /** What was added to reach the smallest charge of a job, if anything. */
  readonly minimum?: string;
  readonly lots: readonly { readonly kind: string; readonly amount: string }[];
  /** Attempts that cost nothing, by their reason. */
  readonly notCharged: readonly { readonly step: string; readonly reason: string; readonly amount: string }[];
  readonly refunds: readonly { readonly lane: string; readonly amount: string }[];
  readonly loops: readonly { readonly signal: string; readonly cause: string; readonly action: string }[];
  readonly total: string;
}

/** The state of a job that ended as it should. */
export const completedState = 'completed';

export const eventTypes = {
  accepted: 'job.accepted',
  stepStarted: 'step.started',
  stepEnded: 'step.ended',
  attemptFailed: 'attempt.failed',
  ended: 'job.ended',
} as const;

export function toAcceptedJob(body: unknown): AcceptedJob {
  const job = record(body);
  const links = record(job['links']);
  return {
    id: text(job['id']) ?? '',
    state: text(job['state']) ?? 'unknown',
    replayed: job['replayed'] === true,
    events: text(links['events']) ?? `/v1/jobs/${text(job['id']) ?? ''}/events`,
    cost: text(links['cost']) ?? `/v1/jobs/${text(job['id']) ?? ''}/cost`,
  };
}

export function toJobEvent(id: string, type: string, data: string): JobEvent {
  const fields = record(parsed(data));
  return compact({
    id,
    type,
    iteration: whole(fields['iteration']),
    maxIterations: whole(fields['max_iterations']),
    step: whole(fields['step']),
    stage: text(fields['stage']),
    charge: text(fields['charge']),
    // The end of a job names the whole charge only.
    chargedSoFar: text(fields['charged_so_far']) ?? (type === eventTypes.ended ? text(fields['charge']) : undefined),
    state: text(fields['state']),
    endReason: text(fields['end_reason']),
    fault: text(fields['fault']),
  });
}

export function toCostBreakdown(body: unknown): CostBreakdown {
  const cost = record(body);
  const minimum = text(record(cost['minimum'])['amount']);
  return {
    steps: list(cost['steps']).map((one) => {
      const step = record(one);
      return {
        step: shown(step['step']),
        stage: shown(step['stage']),
        doneBy: shown(step['model'] ?? step['tool']),
        inputTokens: sumOf(step['attempts'], ['input', 'cached_input', 'cache_write']),
        outputTokens: sumOf(step['attempts'], ['output', 'reasoning']),
        charge: shown(step['charge']),
      };
    }),
    ...(minimum === undefined || /^[0.]*$/.test(minimum) ? {} : { minimum }),
    lots: list(cost['paid_from']).map((one) => ({
      kind: shown(record(one)['kind']),
      amount: shown(record(one)['amount']),
    })),
    notCharged: list(cost['not_charged']).map((one) => {
      const { step, reason, amount } = record(one);
      return { step: shown(step), reason: shown(reason), amount: shown(amount) };
    }),
    refunds: list(cost['refunds']).map((one) => ({
      lane: shown(record(one)['lane']),
      amount: shown(record(one)['amount']),
    })),
    loops: list(cost['loops']).map((one) => {
      const { signal, cause, action } = record(one);
      return { signal: shown(signal), cause: shown(cause), action: shown(action) };
    }),
    total: shown(cost['charge']),
  };
}

/** Tokens are counts, not money: they may be added here. Attempts that were not charged are not in the sum. */
function sumOf(attempts: unknown, pools: readonly string[]): string {
  const charged = list(attempts)
    .map(record)
    .filter((attempt) => attempt['charge_class'] !== 'platform_fault');
  const counts = charged.flatMap((attempt) => pools.map((pool) => whole(record(attempt['tokens'])[pool]) ?? 0));
  return String(counts.reduce((sum, one) => sum + one, 0));
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function whole(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined;
}

function shown(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '-';
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

type Compact<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function compact<T extends object>(value: T): Compact<T> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Compact<T>;
}
