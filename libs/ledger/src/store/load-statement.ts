// Ledger room. The one statement that reads what a group of posts stands on; `ground.ts` gives it its values and turns
// its one row into the domain's words.
import { dayLotId } from '../rows/day-lots.js';
import { endsAfter, EVER_LIVED } from '../rows/lot-ends.js';
import { termsTail } from '../rows/terms-figures.js';

/** As a wish for steps: no step has this ordinal. */
export const ALL_STEPS = 0;

/** Automatic refunds are held against what was charged in as many days (requirements: a cap of a fifth). */
export const REFUND_WINDOW_DAYS = 30;

const MS = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::bigint`;

const JOB_FIELDS = `j.id, j.scope_id AS "scopeId", j.account_id AS "accountId", j.bot_id AS "botId",
  j.bot_type AS "botType", j.program, j.key_hash AS "keyHash", j.body_hash AS "bodyHash", j.workflow_id AS "workflowId",
  j.run_id AS "runId", j.trace_parent AS "traceParent", j.request_kind AS "requestKind", j.model,
  j.requester_kind AS "requesterKind", j.requester_id AS "requesterId", j.funding, j.marker,
  j.campaign_id AS "campaignId",
  j.rate_card_id AS "rateCardId", j.prompt_ref AS "promptRef", j.prompt_bytes AS "promptBytes",
  j.context_ref AS "contextRef", j.context_bytes AS "contextBytes", j.context_tokens AS "contextTokens",
  j.thread_id AS "threadId", ${MS('j.deadline')} AS deadline, j.extras, j.reserve, j.state,
  j.end_reason AS "endReason", j.max_iterations AS "maxIterations", j.max_credits::text AS "maxCredits",
  j.iteration, j.steps_ended AS "stepsEnded", j.billable_steps AS "billableSteps", j.charge::text AS charge,
  j.minimum_charge::text AS "minimumCharge", j.minimum_paid_from AS "minimumPaidFrom",
  j.written_off::text AS "writtenOff", j.refunded::text AS refunded, j.held::text AS held, j.waiting,
  ${MS('j.created_at')} AS "createdAt", ${MS('j.started_at')} AS "startedAt",
  ${MS('j.ended_at')} AS "endedAt"`;

const STEP_FIELDS = `s.job_id AS "jobId", s.ordinal, s.iteration, s.kind, s.stage, s.model, s.tool, s.state,
  s.charge_class AS "chargeClass", s.charge::text AS charge, s.paid_from AS "paidFrom",
  s.written_off::text AS "writtenOff", s.verdict, s.report,
  s.result_ref AS "resultRef", s.result_bytes AS "resultBytes", ${MS('s.started_at')} AS "startedAt",
  ${MS('s.ended_at')} AS "endedAt"`;

const ATTEMPT_FIELDS = `a.job_id AS "jobId", a.ordinal, a.number, a.state, a.charge_class AS "chargeClass", a.fault,
  json_build_object('input', a.input_tokens, 'cachedInput', a.cached_input_tokens, 'cacheWrite', a.cache_write_tokens,
    'output', a.output_tokens, 'reasoning', a.reasoning_tokens, 'system', a.system_tokens, 'calls', a.calls,
    'milliseconds', a.milliseconds, 'bytes', a.bytes) AS meters,
  a.unmetered, a.provider_request_id AS "providerRequestId", a.region, a.latency_ms AS "latencyMs",
  a.real_cost::text AS "realCost",
  ${MS('a.started_at')} AS "startedAt", ${MS('a.ended_at')} AS "endedAt"`;

const LOT_FIELDS = `lot.id, lot.scope_id AS "scopeId", lot.kind, lot.granted::text AS granted, lot.open::text AS open,
  lot.held::text AS held, ${MS('lot.valid_from')} AS "validFrom", ${MS('lot.expires_at')} AS "expiresAt",
  lot.source_ref AS "sourceRef", lot.opened_seq::text AS "openedSeq",
  lot.clawed_back AS "clawedBack", lot.lapsed::text AS lapsed, ${MS('lot.granted_until')} AS "grantedUntil",
  ${MS('lot.period_start')} AS "periodStart"`;

const COUNTER_FIELDS = `c.id, c.scope_id AS "scopeId", c.kind, c.subject, c.period,
  ${MS('c.period_start')} AS "periodStart", c.used::text AS used, c.held::text AS held`;

const OPENED_DAY = dayLotId('scope.id', MS('scope.day_opened'));

const TERMS_FIELDS = `t.scope_id AS "scopeId", t.number, ${MS('t.effective_at')} AS "effectiveAt", t.zone,
  t.daily_allowance::text AS "dailyAllowance", ${MS('t.reset_not_before')} AS "resetNotBefore",
  ${MS('t.next_reset_at')} AS "nextResetAt"`;

/** Sections that only some posts need: to begin each of them costs a lone post more than to read what it asks for. */
export interface LoadNeeds {
  /** Not where all scopes are remembered: then only what nobody can remember. */
  readonly scopes: boolean;
  readonly jobs: boolean;
  readonly limits: boolean;
  /** Lots by their names, or that have ended, or of the day. */
  readonly namedLots: boolean;
  /** What automatic refunds are capped by. */
  readonly window: boolean;
}

export interface LoadStatement {
  readonly name: string;
  readonly text: string;
  /** Which values it takes, in their order. */
  readonly values: readonly LoadValue[];
}

export type LoadValue =
  | 'scopeIds'
  | 'keys'
  | 'jobIds'
  | 'keyHashes'
  | 'wishJobs'
  | 'wishOrdinals'
  | 'sources'
  | 'counterIds'
  | 'lotIds'
  | 'endedScopes'
  | 'refScopes'
  | 'refKinds'
  | 'refSubjects'
  | 'refUsuals'
  | 'refJobs'
  | 'dayScopes'
  | 'windowJobs'
  | 'windowScopes'
  | 'windowAccounts'
  | 'windowFrom';

const statements = new Map<string, LoadStatement>();

/** A few dozen at most, each always the same text, so that its plan is kept. */
export function loadStatement(needs: LoadNeeds): LoadStatement {
  const { scopes, jobs, limits, namedLots, window } = needs;
  const name = `ledger-load-${[scopes, jobs, limits, namedLots, window].map(Number).join('')}`;
  const known = statements.get(name);
  if (known !== undefined) return known;
  const values: LoadValue[] = [];
  const text = (needs.scopes ? textFor(needs) : unknownTo(needs)).replace(/@(\w+)/g, (_, value: LoadValue) => {
    if (!values.includes(value)) values.push(value);
    return `$${values.indexOf(value) + 1}`;
  });
  const statement = { name, text, values };
  statements.set(name, statement);
  return statement;
}

const when = (isNeeded: boolean, text: string): string => (isNeeded ? text : '');

const OPERATIONS = `
  (SELECT json_agg(json_build_object('key', o.key, 'bodyHash', o.body_hash, 'body', o.body, 'result', o.result))
    FROM ledger.operations o WHERE o.key = ANY (@keys)) AS operations`;

/** Keys are kept for good and by nobody else, and a job's key may have come by way of another process. */
function unknownTo({ jobs }: LoadNeeds): string {
  return `SELECT date_trunc('milliseconds', clock_timestamp()) AS now, ${OPERATIONS}
    ${when(jobs, ', EXISTS (SELECT FROM ledger.jobs WHERE key_hash = ANY (@keyHashes)) AS met')}`;
}

const LOTS_OF_HOLDS = `
    UNION SELECT ${LOT_FIELDS} FROM ledger.lots lot WHERE lot.id IN (SELECT lot_id FROM line)`;

const NAMED_LOTS = `
    UNION SELECT ${LOT_FIELDS} FROM ledger.lots lot WHERE lot.scope_id = ANY (@scopeIds)
      AND lot.source_ref = ANY (@sources)
    UNION SELECT ${LOT_FIELDS} FROM ledger.lots lot WHERE lot.id = ANY (@lotIds) AND lot.scope_id = ANY (@scopeIds)
    UNION SELECT ${LOT_FIELDS} FROM ledger.lots lot, clock
      WHERE lot.scope_id = ANY (@endedScopes) AND lot.alive AND lot.open > 0 AND lot.expires_at <= clock.now
    UNION SELECT ${LOT_FIELDS} FROM scope JOIN ledger.lots lot ON lot.id = ${OPENED_DAY}
      WHERE scope.id = ANY (@dayScopes)`;

const PERIODS = `(VALUES ('day'), ('billing_period'), ('total')) p (period)`;

// Not as another condition of the same look-up: a list or a query beside it would be asked of every counter there is.
const COUNTERS_OF_HOLDS = `
    UNION SELECT ${COUNTER_FIELDS} FROM ledger.counters c WHERE c.id IN (SELECT counter_id FROM part)`;

const COUNTERS_OF_LIMITS = `
    UNION SELECT ${COUNTER_FIELDS} FROM ref CROSS JOIN ${PERIODS} CROSS JOIN LATERAL (SELECT * FROM ledger.counters
      WHERE scope_id = ref.scope_id AND kind = ref.kind AND subject = ref.subject AND period = p.period
      ORDER BY period_start DESC LIMIT 1) c`;

const JOBS = `
job AS (SELECT ${JOB_FIELDS} FROM ledger.jobs j WHERE j.id = ANY (@jobIds) OR j.key_hash = ANY (@keyHashes)),
hold AS (SELECT h.id, h.scope_id, h.job_id, h.state, h.funding, h.public_may_use_bonus, h.limit_refs
  FROM ledger.holds h JOIN job ON h.job_id = job.id),
part AS (SELECT p.* FROM ledger.hold_counters p JOIN hold ON p.hold_id = hold.id),
line AS (SELECT l.* FROM ledger.hold_lines l JOIN hold ON l.hold_id = hold.id),
wish AS (SELECT * FROM unnest(@wishJobs::text[], @wishOrdinals::int[]) w (job_id, ordinal)),`;

const REFS_OF_HOLDS = `
    UNION ALL SELECT hold.scope_id, r ->> 'kind', r ->> 'subject', r ->> 'usual'
      FROM hold CROSS JOIN LATERAL jsonb_array_elements(hold.limit_refs) r WHERE hold.job_id = ANY (@refJobs)`;

const JOB_SECTIONS = `,
  (SELECT json_agg(row_to_json(job)) FROM job) AS jobs,
  (SELECT json_agg(json_build_object('id', hold.id, 'jobId', hold.job_id, 'state', hold.state,
    'payer', json_build_object('funding', hold.funding, 'publicMayUseBonus', hold.public_may_use_bonus),
    'limitRefs', hold.limit_refs)) FROM hold) AS holds,
  (SELECT json_agg(json_build_object('holdId', line.hold_id, 'lineNo', line.line_no, 'lotId', line.lot_id,
    'held', line.held::text, 'captured', line.captured::text, 'reversed', line.reversed::text)
    ORDER BY line.line_no) FROM line) AS lines,
  (SELECT json_agg(json_build_object('holdId', part.hold_id, 'counterId', part.counter_id, 'held', part.held::text,
    'used', part.used::text) ORDER BY part.counter_id) FROM part) AS parts,
  (SELECT json_agg(s) FROM (SELECT ${STEP_FIELDS} FROM ledger.steps s JOIN wish w ON s.job_id = w.job_id
    AND (s.ordinal = w.ordinal OR (w.ordinal IS NULL AND s.state = 'running') OR w.ordinal = ${ALL_STEPS})) s) AS steps,
  (SELECT json_agg(a) FROM (SELECT ${ATTEMPT_FIELDS} FROM ledger.attempts a JOIN wish w ON a.job_id = w.job_id
    AND (a.ordinal = w.ordinal OR (w.ordinal IS NULL AND a.state = 'open'))) a) AS attempts`;

// The index finds an account's latest jobs by their ids, which sort by time; the window itself is told by the clock.
const WINDOW_SECTION = `,
  (SELECT json_agg(json_build_object('jobId', w.job_id, 'charged', coalesce((SELECT sum(j.charge) FROM ledger.jobs j
    WHERE j.account_id = w.account_id AND j.id > w.since AND j.scope_id = w.scope_id AND j.id <> w.job_id
      AND j.created_at > (SELECT now FROM clock) - interval '${REFUND_WINDOW_DAYS} days'), 0)::text))
    FROM unnest(@windowJobs::text[], @windowScopes::text[], @windowAccounts::text[], @windowFrom::text[])
      w (job_id, scope_id, account_id, since)) AS windows,
  (SELECT json_agg(json_build_object('scopeId', f.scope_id, 'jobId', f.job_id, 'number', f.number,
    'amount', f.amount::text)) FROM ledger.loop_findings f WHERE f.scope_id = ANY (@windowScopes)
      AND f.action = 'refunded' AND f.found_at > (SELECT now FROM clock) - interval '${REFUND_WINDOW_DAYS} days')
    AS refunds`;

const LIMIT_SECTION = `,
  (SELECT json_agg(json_build_object('scopeId', scope_id, 'kind', kind, 'subject', limit_subject, 'period', period,
    'amount', amount::text)) FROM bound WHERE amount IS NOT NULL) AS limits`;

function limitsOf(jobs: boolean): string {
  return `,
ref AS (SELECT DISTINCT r.scope_id, r.kind, r.subject, r.usual FROM (
    SELECT * FROM unnest(@refScopes::text[], @refKinds::text[], @refSubjects::text[], @refUsuals::text[])
      r (scope_id, kind, subject, usual)
    ${when(jobs, REFS_OF_HOLDS)}) r
  JOIN ledger.scopes s ON s.id = r.scope_id AND s.limit_rows > 0),
bound AS (SELECT ref.scope_id, ref.kind, ref.subject, n.subject AS limit_subject, p.period, l.amount
  FROM ref CROSS JOIN LATERAL (VALUES (ref.subject), (ref.usual)) n (subject)
  CROSS JOIN ${PERIODS}
  CROSS JOIN LATERAL (SELECT amount FROM ledger.limits l WHERE l.scope_id = ref.scope_id AND l.kind = ref.kind
    AND l.subject = n.subject AND l.period = p.period ORDER BY l.number DESC LIMIT 1) l)`;
}

// Counters come also where there is no limit: one may be set in the very same group, and what was counted before, under
// a limit that was taken away or one that is said for everybody, counts on.
// The newest of each: it is the present one, also where the first terms of a scope let its day begin before it did.
// Amounts travel as text inside the JSON: a JSON number would lose digits above 2^53. Of the lots only those are read
// that can still pay, still lie in a hold, or say which period this is: what has ended does not make a scope slower.
// The time of a decision may be ahead of the clock, so a lot that is used up may begin a period after it.
function textFor({ jobs, limits, namedLots, window }: LoadNeeds): string {
  return `WITH clock AS MATERIALIZED (SELECT date_trunc('milliseconds', clock_timestamp()) AS now),
${when(jobs, JOBS)}
scope AS MATERIALIZED (SELECT s.id, s.terms_rows, s.limit_rows, s.day_opened
  FROM ledger.scopes s WHERE s.id = ANY (@scopeIds)),
term AS (SELECT ${TERMS_FIELDS} FROM scope CROSS JOIN clock CROSS JOIN LATERAL (SELECT * FROM ledger.terms
  WHERE ${termsTail('scope.id', 'clock.now')}) t WHERE scope.terms_rows > 0)
${when(limits, limitsOf(jobs))}
SELECT (SELECT now FROM clock) AS now, ${OPERATIONS},
  (SELECT json_agg(l) FROM (SELECT ${LOT_FIELDS} FROM ledger.lots lot, clock
    WHERE lot.scope_id = ANY (@scopeIds) AND lot.alive AND NOT lot.clawed_back
      AND ${endsAfter('clock.now', 'lot')}
    ${when(jobs, LOTS_OF_HOLDS)}${when(namedLots, NAMED_LOTS)}
    UNION SELECT ${LOT_FIELDS} FROM scope CROSS JOIN clock CROSS JOIN LATERAL (SELECT * FROM ledger.lots
      WHERE scope_id = scope.id AND kind IN ('subscription', 'eu_allowance') AND ${EVER_LIVED}
        AND valid_from >= coalesce((SELECT max(valid_from) FROM ledger.lots WHERE scope_id = scope.id
          AND kind IN ('subscription', 'eu_allowance') AND ${EVER_LIVED} AND valid_from <= clock.now), '-infinity'))
      lot) l) AS lots,
  (SELECT json_agg(term ORDER BY number) FROM term) AS terms,
  (SELECT json_agg(c) FROM (SELECT ${COUNTER_FIELDS} FROM ledger.counters c
    WHERE c.id = ANY (@counterIds)${when(jobs, COUNTERS_OF_HOLDS)}${when(limits, COUNTERS_OF_LIMITS)}) c) AS counters
  ${when(jobs, JOB_SECTIONS)}${when(limits, LIMIT_SECTION)}${when(window, WINDOW_SECTION)}`;
}
