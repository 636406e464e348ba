// Ledger room. Loads what a decision stands on. First the lock, then one statement that reads: under READ COMMITTED a
// statement sees what was committed before it began, so the read must begin after the lock was got.
import type { AttemptFacts, Hold, Instant, JobFacts, Lot, MicroCredits, StepFacts } from '@fairmeter/domain';
import { instant, latest, parseMicroCredits } from '@fairmeter/domain';
import type { Transaction } from '@fairmeter/platform/database';
import type { Ground, Post } from './post.js';

export interface LockedScope {
  readonly entrySeq: bigint;
  readonly outboxSeq: bigint;
  readonly lastEffectiveAt: Instant;
}

export async function lockScope(tx: Transaction, scopeId: string): Promise<LockedScope | undefined> {
  const rows = await tx.query<{ entry_seq: bigint; outbox_seq: bigint; last_effective_at: Date }>({
    name: 'ledger-lock-scope',
    text: 'SELECT entry_seq, outbox_seq, last_effective_at FROM ledger.scopes WHERE id = $1 FOR UPDATE',
    values: [scopeId],
  });
  const row = rows[0];
  if (row === undefined) return undefined;
  return {
    entrySeq: row.entry_seq,
    outboxSeq: row.outbox_seq,
    lastEffectiveAt: instant(row.last_effective_at.getTime()),
  };
}

/** Many may open one scope at once: the second finds it there. It begins at the start of time, so nothing is before it. */
export async function openScope(tx: Transaction, scopeId: string, accountId: string): Promise<void> {
  await tx.query({
    name: 'ledger-open-scope',
    text: `INSERT INTO ledger.scopes (id, account_id, last_effective_at) VALUES ($1, $2, to_timestamp(0))
      ON CONFLICT (id) DO NOTHING`,
    values: [scopeId, accountId],
  });
}

export interface Loaded {
  readonly ground: Ground;
  readonly known: { readonly bodyHash: string; readonly result: unknown } | null;
}

const MS = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::bigint`;

const JOB_FIELDS = `j.id, j.scope_id AS "scopeId", j.account_id AS "accountId", j.bot_id AS "botId",
  j.bot_type AS "botType", j.key_hash AS "keyHash", j.body_hash AS "bodyHash", j.workflow_id AS "workflowId",
  j.run_id AS "runId", j.trace_parent AS "traceParent", j.request_kind AS "requestKind", j.model,
  j.rate_card_id AS "rateCardId", j.prompt_ref AS "promptRef", j.prompt_bytes AS "promptBytes", j.state,
  j.end_reason AS "endReason", j.max_iterations AS "maxIterations", j.max_credits::text AS "maxCredits",
  j.iteration, j.steps_ended AS "stepsEnded", j.billable_steps AS "billableSteps", j.charge::text AS charge,
  j.minimum_charge::text AS "minimumCharge", j.written_off::text AS "writtenOff", j.refunded::text AS refunded,
  j.held::text AS held, ${MS('j.created_at')} AS "createdAt", ${MS('j.started_at')} AS "startedAt",
  ${MS('j.ended_at')} AS "endedAt"`;

const STEP_FIELDS = `s.job_id AS "jobId", s.ordinal, s.iteration, s.kind, s.stage, s.model, s.state,
  s.charge_class AS "chargeClass", s.charge::text AS charge, s.written_off::text AS "writtenOff", s.verdict,
  s.result_ref AS "resultRef", s.result_bytes AS "resultBytes", ${MS('s.started_at')} AS "startedAt",
  ${MS('s.ended_at')} AS "endedAt"`;

const ATTEMPT_FIELDS = `a.job_id AS "jobId", a.ordinal, a.number, a.state, a.charge_class AS "chargeClass", a.fault,
  json_build_object('input', a.input_tokens, 'cachedInput', a.cached_input_tokens, 'cacheWrite', a.cache_write_tokens,
    'output', a.output_tokens, 'reasoning', a.reasoning_tokens, 'system', a.system_tokens, 'calls', a.calls,
    'milliseconds', a.milliseconds, 'bytes', a.bytes) AS meters,
  a.unmetered, a.provider_request_id AS "providerRequestId", a.region, a.latency_ms AS "latencyMs",
  ${MS('a.started_at')} AS "startedAt", ${MS('a.ended_at')} AS "endedAt"`;

// Amounts travel as text inside the JSON: a JSON number would lose digits above 2^53.
const LOAD = `
WITH job AS (SELECT ${JOB_FIELDS} FROM ledger.jobs j WHERE j.id = $3 OR j.key_hash = $4),
hold AS (SELECT h.id, h.job_id, h.state FROM ledger.holds h JOIN job ON h.job_id = job.id),
line AS (SELECT l.* FROM ledger.hold_lines l JOIN hold ON l.hold_id = hold.id)
SELECT clock_timestamp() AS now,
  (SELECT json_build_object('bodyHash', o.body_hash, 'result', o.result) FROM ledger.operations o WHERE o.key = $2)
    AS known,
  (SELECT row_to_json(job) FROM job) AS job,
  (SELECT json_build_object('id', hold.id, 'jobId', hold.job_id, 'state', hold.state) FROM hold) AS hold,
  (SELECT json_agg(json_build_object('lineNo', line.line_no, 'lotId', line.lot_id, 'held', line.held::text,
    'captured', line.captured::text) ORDER BY line.line_no) FROM line) AS lines,
  (SELECT json_agg(json_build_object('id', lot.id, 'kind', lot.kind, 'granted', lot.granted::text,
    'open', lot.open::text, 'held', lot.held::text, 'validFrom', ${MS('lot.valid_from')},
    'expiresAt', ${MS('lot.expires_at')}, 'sourceRef', lot.source_ref, 'openedSeq', lot.opened_seq::text))
    FROM ledger.lots lot WHERE lot.scope_id = $1 AND (lot.open > 0 OR lot.held > 0 OR lot.source_ref = $6
      OR lot.id IN (SELECT lot_id FROM line))) AS lots,
  (SELECT json_agg(s) FROM (SELECT ${STEP_FIELDS} FROM ledger.steps s
    WHERE s.job_id = $3 AND (s.ordinal = $5 OR ($5::int IS NULL AND s.state = 'running'))) s) AS steps,
  (SELECT json_agg(a ORDER BY a.number) FROM (SELECT ${ATTEMPT_FIELDS} FROM ledger.attempts a
    WHERE a.job_id = $3 AND (a.ordinal = $5 OR ($5::int IS NULL AND a.state = 'open'))) a) AS attempts`;

interface LoadRow {
  readonly now: Date;
  readonly known: Loaded['known'];
  readonly job: Readonly<Record<string, unknown>> | null;
  readonly hold: { id: string; jobId: string; state: Hold['state'] } | null;
  readonly lines: { lineNo: number; lotId: string; held: string; captured: string }[] | null;
  readonly lots: (Readonly<Record<string, unknown>> & { granted: string; open: string; held: string })[] | null;
  readonly steps: Readonly<Record<string, unknown>>[] | null;
  readonly attempts: AttemptFacts[] | null;
}

export async function loadGround(tx: Transaction, scope: LockedScope, post: Post<object>): Promise<Loaded> {
  const { load } = post;
  const rows = await tx.query<LoadRow>({
    name: 'ledger-load-ground',
    text: LOAD,
    values: [
      post.scopeId,
      post.key,
      load.jobId ?? null,
      load.keyHash ?? null,
      load.ordinal ?? null,
      load.sourceRef ?? null,
    ],
  });
  const row = rows[0];
  if (row === undefined) throw new Error('the ground of a post is always one row');
  const clockNow = instant(row.now.getTime());
  const hold = holdOf(row);
  const ground: Ground = {
    snapshot: {
      scopeId: post.scopeId,
      entrySeq: scope.entrySeq,
      lots: new Map((row.lots ?? []).map(lotOf).map((lot) => [lot.id, lot])),
      holds: new Map(hold === null ? [] : [[hold.id, hold]]),
    },
    // `scope.time-never-back`: the rule's time is the latest of the caller's, the clock's and the scope's own.
    at: latest(post.asOf, clockNow, scope.lastEffectiveAt),
    clockNow,
    job: row.job === null ? null : withAmounts<JobFacts>(row.job, JOB_AMOUNTS),
    hold,
    steps: (row.steps ?? []).map((step) => withAmounts<StepFacts>(step, STEP_AMOUNTS)),
    attempts: row.attempts ?? [],
  };
  return { ground, known: row.known };
}

const JOB_AMOUNTS = ['maxCredits', 'charge', 'minimumCharge', 'writtenOff', 'refunded', 'held'];
const STEP_AMOUNTS = ['charge', 'writtenOff'];

function withAmounts<T>(json: Readonly<Record<string, unknown>>, amounts: readonly string[]): T {
  const parsed: Record<string, unknown> = { ...json };
  for (const field of amounts) parsed[field] = parseMicroCredits(String(json[field]));
  return parsed as T;
}

function holdOf(row: LoadRow): Hold | null {
  if (row.hold === null) return null;
  const amount = (text: string): MicroCredits => parseMicroCredits(text);
  const lines = (row.lines ?? []).map((line) => ({
    ...line,
    held: amount(line.held),
    captured: amount(line.captured),
  }));
  return { ...row.hold, lines };
}

function lotOf(json: Readonly<Record<string, unknown>>): Lot {
  const lot = withAmounts<Lot & { openedSeq: unknown }>(json, ['granted', 'open', 'held']);
  return { ...lot, openedSeq: BigInt(String(lot.openedSeq)) };
}
