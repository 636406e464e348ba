// Simulation, jobs. Everything that the tables say of one job, amounts as whole numbers.
import type { LoopFinding } from '@fairmeter/domain';
import type { EntityDatabase } from '@fairmeter/platform/database';

export interface JobRow {
  readonly state: string;
  readonly endReason: string | null;
  readonly maxIterations: number;
  readonly iteration: number;
  readonly program: string;
  readonly rateCardId: string;
  readonly maxCredits: bigint;
  readonly charge: bigint;
  readonly minimumCharge: bigint;
  readonly writtenOff: bigint;
  readonly refunded: bigint;
  readonly held: bigint;
  readonly deadline: number | null;
  readonly endedAt: number | null;
}

export interface ShareRow {
  readonly lotId: string;
  readonly amount: string;
  readonly reversed: string;
}

export interface StepRow {
  readonly ordinal: number;
  readonly iteration: number;
  readonly kind: string;
  readonly stage: string;
  readonly model: string | null;
  readonly tool: string | null;
  readonly state: string;
  readonly chargeClass: string | null;
  readonly verdict: string | null;
  readonly charge: bigint;
  readonly writtenOff: bigint;
  readonly paidFrom: readonly ShareRow[];
}

export interface AttemptRow {
  readonly ordinal: number;
  readonly number: number;
  readonly state: string;
  readonly chargeClass: string | null;
  readonly fault: string | null;
  readonly unmetered: boolean;
  readonly input: bigint;
  readonly cachedInput: bigint;
  readonly cacheWrite: bigint;
  readonly output: bigint;
  readonly reasoning: bigint;
  readonly calls: bigint;
  readonly milliseconds: bigint;
  readonly bytes: bigint;
}

export interface EntryRow {
  readonly operation: string;
  readonly verb: string;
  readonly from: string;
  readonly to: string;
  readonly amount: bigint;
  readonly lotId: string | null;
  readonly step: number | null;
}

export interface FindingRow {
  readonly cause: string;
  readonly action: string;
  readonly foundAtStep: number;
  readonly amount: bigint;
  readonly evidence: LoopFinding;
}

export interface StartedEvent {
  readonly step: number;
  readonly attempt: number;
  /** Decimal credits. */
  readonly held: string;
}

export interface JobRows {
  readonly job: JobRow;
  readonly steps: readonly StepRow[];
  readonly attempts: readonly AttemptRow[];
  readonly entries: readonly EntryRow[];
  readonly holds: readonly { readonly state: string; readonly held: bigint }[];
  readonly findings: readonly FindingRow[];
  readonly started: readonly StartedEvent[];
  readonly endedEvents: number;
}

const MS = (column: string, name: string): string => `(extract(epoch FROM ${column}) * 1000)::float8 AS "${name}"`;

const JOB = `SELECT state, end_reason AS "endReason", max_iterations AS "maxIterations", iteration, program,
    rate_card_id AS "rateCardId", max_credits::text AS "maxCredits", charge::text AS charge,
    minimum_charge::text AS "minimumCharge", written_off::text AS "writtenOff", refunded::text AS refunded,
    held::text AS held, ${MS('deadline', 'deadline')}, ${MS('ended_at', 'endedAt')}
  FROM ledger.jobs WHERE id = $1`;
const STEPS = `SELECT ordinal, iteration, kind, stage, model, tool, state, charge_class AS "chargeClass", verdict,
    charge::text AS charge, written_off::text AS "writtenOff", paid_from AS "paidFrom"
  FROM ledger.steps WHERE job_id = $1 ORDER BY ordinal`;
const ATTEMPTS = `SELECT ordinal, number, state, charge_class AS "chargeClass", fault, unmetered,
    input_tokens::text AS input, cached_input_tokens::text AS "cachedInput", cache_write_tokens::text AS "cacheWrite",
    output_tokens::text AS output, reasoning_tokens::text AS reasoning, calls::text AS calls,
    milliseconds::text AS milliseconds, bytes::text AS bytes
  FROM ledger.attempts WHERE job_id = $1 ORDER BY ordinal, number`;
const ENTRIES = `SELECT e.operation_key AS operation, o.verb, e.from_account AS from, e.to_account AS to,
    e.amount::text AS amount, e.lot_id AS "lotId", e.step_ordinal AS step
  FROM ledger.entries e JOIN ledger.operations o ON o.key = e.operation_key WHERE e.job_id = $1 ORDER BY e.scope_seq`;
const HOLDS = `SELECT h.state, coalesce(sum(l.held), 0)::text AS held FROM ledger.holds h
  LEFT JOIN ledger.hold_lines l ON l.hold_id = h.id WHERE h.job_id = $1 GROUP BY h.id, h.state`;
const FINDINGS = `SELECT cause, action, found_at_step AS "foundAtStep", amount::text AS amount, evidence
  FROM ledger.loop_findings WHERE job_id = $1 ORDER BY number`;
const EVENTS = `SELECT payload FROM ledger.outbox
  WHERE payload ->> 'job_id' = $1 AND payload ->> 'type' IN ('step.started', 'job.ended') AND scope_id = $2`;

const AMOUNTS = new Set([
  ...['maxCredits', 'charge', 'minimumCharge', 'writtenOff', 'refunded', 'held', 'amount'],
  ...['input', 'cachedInput', 'cacheWrite', 'output', 'reasoning', 'calls', 'milliseconds', 'bytes'],
]);

export async function readJob({ manager }: EntityDatabase, jobId: string, scopeId: string): Promise<JobRows | null> {
  const read = async <T>(sql: string, ...more: readonly string[]): Promise<T[]> => {
    const rows = await manager.query<Record<string, unknown>[]>(sql, [jobId, ...more]);
    return rows.map((row) => inWholeNumbers(row) as T);
  };
  const [job] = await read<JobRow>(JOB);
  if (job === undefined) return null;
  const events = await read<{ payload: StartedEvent & { type: string } }>(EVENTS, scopeId);
  return {
    job,
    steps: await read<StepRow>(STEPS),
    attempts: await read<AttemptRow>(ATTEMPTS),
    entries: await read<EntryRow>(ENTRIES),
    holds: await read(HOLDS),
    findings: await read<FindingRow>(FINDINGS),
    started: events.map(({ payload }) => payload).filter(({ type }) => type === 'step.started'),
    endedEvents: events.filter(({ payload }) => payload.type === 'job.ended').length,
  };
}

function inWholeNumbers(row: Record<string, unknown>): object {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, AMOUNTS.has(name) ? BigInt(value as string) : value]),
  );
}
