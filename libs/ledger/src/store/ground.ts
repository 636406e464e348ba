// Ledger room. Loads what a decision stands on. First the lock, then one statement that reads: under READ COMMITTED a
// statement sees what was committed before it began, so the read must begin after the lock was got.
import type {
  AttemptFacts,
  Counter,
  Hold,
  HoldCounter,
  Instant,
  JobFacts,
  Lot,
  MicroCredits,
  StepFacts,
} from '@fairmeter/domain';
import { instant, microCredits, parseMicroCredits } from '@fairmeter/domain';
import type { Transaction } from '@fairmeter/platform/database';
import type { StoredBody } from './hash.js';
import type { Post } from './post.js';

export interface LockedScope {
  readonly scopeId: string;
  readonly entrySeq: bigint;
  readonly outboxSeq: bigint;
  readonly lastEffectiveAt: Instant;
  readonly debt: MicroCredits;
}

interface ScopeRow {
  readonly id: string;
  readonly entry_seq: bigint;
  readonly outbox_seq: bigint;
  readonly last_effective_at: Date;
  readonly debt: bigint;
}

const LOCK =
  'SELECT id, entry_seq, outbox_seq, last_effective_at, debt FROM ledger.scopes WHERE id = ANY($1) ORDER BY id';

/** In the order of their ids, everywhere: two groups can wait for each other, never in a circle. */
export async function lockScopes(tx: Transaction, scopeIds: readonly string[]): Promise<LockedScope[]> {
  const text = `${LOCK} FOR UPDATE`;
  return (await tx.query<ScopeRow>({ name: 'ledger-lock-scopes', text, values: [scopeIds] })).map(lockedScope);
}

/** Those that nobody holds just now; whoever waits for the others waits alone. */
export async function lockFreeScopes(tx: Transaction, scopeIds: readonly string[]): Promise<LockedScope[]> {
  const text = `${LOCK} FOR UPDATE SKIP LOCKED`;
  return (await tx.query<ScopeRow>({ name: 'ledger-lock-free-scopes', text, values: [scopeIds] })).map(lockedScope);
}

function lockedScope(row: ScopeRow): LockedScope {
  return {
    scopeId: row.id,
    entrySeq: row.entry_seq,
    outboxSeq: row.outbox_seq,
    lastEffectiveAt: instant(row.last_effective_at.getTime()),
    debt: microCredits(row.debt),
  };
}

/**
 * Many may open one scope at once: the second finds it there. It begins at the start of time, so nothing is before it.
 */
export async function openScopes(
  tx: Transaction,
  scopes: readonly Pick<Post<object>, 'scopeId' | 'accountId'>[],
): Promise<void> {
  await tx.query({
    name: 'ledger-open-scopes',
    text: `INSERT INTO ledger.scopes (id, account_id, last_effective_at)
      SELECT id, account_id, to_timestamp(0) FROM unnest($1::text[], $2::text[]) u (id, account_id) ORDER BY id
      ON CONFLICT (id) DO NOTHING`,
    values: [scopes.map((scope) => scope.scopeId), scopes.map((scope) => scope.accountId)],
  });
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

const LOT_FIELDS = `lot.id, lot.scope_id AS "scopeId", lot.kind, lot.granted::text AS granted, lot.open::text AS open,
  lot.held::text AS held, ${MS('lot.valid_from')} AS "validFrom", ${MS('lot.expires_at')} AS "expiresAt",
  lot.source_ref AS "sourceRef", lot.opened_seq::text AS "openedSeq",
  lot.clawed_back AS "clawedBack"`;

const COUNTER_FIELDS = `c.id, c.scope_id AS "scopeId", c.kind, c.subject, ${MS('c.period_start')} AS "periodStart",
  c.used::text AS used, c.held::text AS held`;

// Amounts travel as text inside the JSON: a JSON number would lose digits above 2^53. Of the lots only those are read
// that can still pay or still lie in a hold: what has ended does not make a scope slower.
const LOAD = `
WITH clock AS MATERIALIZED (SELECT date_trunc('milliseconds', clock_timestamp()) AS now),
job AS (SELECT ${JOB_FIELDS} FROM ledger.jobs j WHERE j.id = ANY ($3) OR j.key_hash = ANY ($4)),
hold AS (SELECT h.id, h.job_id, h.state, h.funding, h.public_may_use_bonus
  FROM ledger.holds h JOIN job ON h.job_id = job.id),
part AS (SELECT p.* FROM ledger.hold_counters p JOIN hold ON p.hold_id = hold.id),
line AS (SELECT l.* FROM ledger.hold_lines l JOIN hold ON l.hold_id = hold.id),
wish AS (SELECT * FROM unnest($5::text[], $6::int[]) w (job_id, ordinal))
SELECT (SELECT now FROM clock) AS now,
  (SELECT json_agg(json_build_object('key', o.key, 'bodyHash', o.body_hash, 'body', o.body, 'result', o.result))
    FROM ledger.operations o WHERE o.key = ANY ($2)) AS operations,
  (SELECT json_agg(row_to_json(job)) FROM job) AS jobs,
  (SELECT json_agg(json_build_object('id', hold.id, 'jobId', hold.job_id, 'state', hold.state,
    'payer', json_build_object('funding', hold.funding, 'publicMayUseBonus', hold.public_may_use_bonus)))
    FROM hold) AS holds,
  (SELECT json_agg(json_build_object('holdId', line.hold_id, 'lineNo', line.line_no, 'lotId', line.lot_id,
    'held', line.held::text, 'captured', line.captured::text, 'reversed', line.reversed::text)
    ORDER BY line.line_no) FROM line) AS lines,
  (SELECT json_agg(l) FROM (SELECT ${LOT_FIELDS} FROM ledger.lots lot, clock
    WHERE lot.scope_id = ANY ($1) AND lot.open > 0 AND NOT lot.clawed_back
      AND (lot.expires_at IS NULL OR lot.expires_at > clock.now)
    UNION SELECT ${LOT_FIELDS} FROM ledger.lots lot WHERE lot.id IN (SELECT lot_id FROM line)
    UNION SELECT ${LOT_FIELDS} FROM ledger.lots lot WHERE lot.scope_id = ANY ($1) AND lot.source_ref = ANY ($7)
    UNION SELECT ${LOT_FIELDS} FROM ledger.lots lot WHERE lot.id = ANY ($9) AND lot.scope_id = ANY ($1)
    UNION SELECT ${LOT_FIELDS} FROM ledger.lots lot, clock
      WHERE lot.scope_id = ANY ($10) AND lot.open > 0 AND lot.expires_at <= clock.now) l)
    AS lots,
  (SELECT json_agg(json_build_object('holdId', part.hold_id, 'counterId', part.counter_id, 'held', part.held::text,
    'used', part.used::text) ORDER BY part.counter_id) FROM part) AS parts,
  (SELECT json_agg(c) FROM (SELECT ${COUNTER_FIELDS} FROM ledger.counters c
    WHERE c.id = ANY ($8) OR c.id IN (SELECT counter_id FROM part)) c) AS counters,
  (SELECT json_agg(s) FROM (SELECT ${STEP_FIELDS} FROM ledger.steps s JOIN wish w ON s.job_id = w.job_id
    AND (s.ordinal = w.ordinal OR (w.ordinal IS NULL AND s.state = 'running'))) s) AS steps,
  (SELECT json_agg(a) FROM (SELECT ${ATTEMPT_FIELDS} FROM ledger.attempts a JOIN wish w ON a.job_id = w.job_id
    AND (a.ordinal = w.ordinal OR (w.ordinal IS NULL AND a.state = 'open'))) a) AS attempts`;

export interface KnownOperation {
  readonly key: string;
  readonly bodyHash: string;
  readonly body: StoredBody;
  readonly result: unknown;
}

interface LineRow {
  readonly holdId: string;
  readonly lineNo: number;
  readonly lotId: string;
  readonly held: string;
  readonly captured: string;
  readonly reversed: string;
}

interface PartRow {
  readonly holdId: string;
  readonly counterId: string;
  readonly held: string;
  readonly used: string;
}

type Json = Readonly<Record<string, unknown>>;

interface LoadRow {
  readonly now: Date;
  readonly operations: KnownOperation[] | null;
  readonly jobs: Json[] | null;
  readonly holds: Omit<Hold, 'lines' | 'counters'>[] | null;
  readonly lines: LineRow[] | null;
  readonly lots: Json[] | null;
  readonly parts: PartRow[] | null;
  readonly counters: Json[] | null;
  readonly steps: Json[] | null;
  readonly attempts: AttemptFacts[] | null;
}

/** Everything the decisions of a group stand on, read after their scopes were locked. */
export interface GroupGround {
  readonly clockNow: Instant;
  readonly operations: readonly KnownOperation[];
  readonly jobs: readonly JobFacts[];
  readonly holds: readonly Hold[];
  readonly lots: readonly { readonly scopeId: string; readonly lot: Lot }[];
  readonly counters: readonly { readonly scopeId: string; readonly counter: Counter }[];
  readonly steps: readonly StepFacts[];
  readonly attempts: readonly AttemptFacts[];
}

export async function loadGround(tx: Transaction, posts: readonly Post<object>[]): Promise<GroupGround> {
  const of = <T>(pick: (post: Post<object>) => T | undefined): T[] =>
    posts.flatMap((post) => {
      const value = pick(post);
      return value === undefined ? [] : [value];
    });
  const ofJobs = posts.filter((post) => post.load.jobId !== undefined);
  const rows = await tx.query<LoadRow>({
    name: 'ledger-load-ground',
    text: LOAD,
    values: [
      of((post) => post.scopeId),
      of((post) => post.key),
      of((post) => post.load.jobId),
      of((post) => post.load.keyHash),
      ofJobs.map((post) => post.load.jobId),
      ofJobs.map((post) => post.load.ordinal ?? null),
      of((post) => post.load.sourceRef),
      posts.flatMap((post) => post.load.counterIds ?? []),
      posts.flatMap((post) => post.load.lotIds ?? []),
      of((post) => (post.load.endedLots === true ? post.scopeId : undefined)),
    ],
  });
  const row = rows[0];
  if (row === undefined) throw new Error('the ground of a group is always one row');
  return {
    clockNow: instant(row.now.getTime()),
    operations: row.operations ?? [],
    jobs: (row.jobs ?? []).map((job) => withAmounts<JobFacts>(job, JOB_AMOUNTS)),
    holds: (row.holds ?? []).map((hold) => ({
      ...hold,
      lines: linesOf(hold.id, row.lines ?? []),
      counters: partsOf(hold.id, row.parts ?? []),
    })),
    lots: (row.lots ?? []).map(({ scopeId, ...lot }) => ({ scopeId: String(scopeId), lot: lotOf(lot) })),
    counters: (row.counters ?? []).map(({ scopeId, ...counter }) => ({
      scopeId: String(scopeId),
      counter: withAmounts<Counter>(counter, ['used', 'held']),
    })),
    steps: (row.steps ?? []).map((step) => withAmounts<StepFacts>(step, STEP_AMOUNTS)),
    attempts: row.attempts ?? [],
  };
}

const JOB_AMOUNTS = ['maxCredits', 'charge', 'minimumCharge', 'writtenOff', 'refunded', 'held'];
const STEP_AMOUNTS = ['charge', 'writtenOff'];

function withAmounts<T>(json: Json, amounts: readonly string[]): T {
  const parsed: Record<string, unknown> = { ...json };
  for (const field of amounts) parsed[field] = parseMicroCredits(String(json[field]));
  return parsed as T;
}

function linesOf(holdId: string, lines: readonly LineRow[]): Hold['lines'] {
  return lines
    .filter((line) => line.holdId === holdId)
    .map(({ lineNo, lotId, held, captured, reversed }) => ({
      lineNo,
      lotId,
      held: parseMicroCredits(held),
      captured: parseMicroCredits(captured),
      reversed: parseMicroCredits(reversed),
    }));
}

function partsOf(holdId: string, parts: readonly PartRow[]): HoldCounter[] {
  return parts
    .filter((part) => part.holdId === holdId)
    .map(({ counterId, held, used }) => ({
      counterId,
      held: parseMicroCredits(held),
      used: parseMicroCredits(used),
    }));
}

function lotOf(json: Json): Lot {
  const lot = withAmounts<Lot & { openedSeq: unknown }>(json, ['granted', 'open', 'held']);
  return { ...lot, openedSeq: BigInt(String(lot.openedSeq)) };
}
