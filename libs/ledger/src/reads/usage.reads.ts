// Ledger room, read side. What was used and charged over a stretch of time. Money is counted from the entries
// themselves, each at its own instant, so that the total is the ledger's net of that stretch whichever way it is told;
// one statement reads rows and total, so they are of one snapshot.
import type { Meters, UsageFigures, UsageGrouping } from '@fairmeter/domain';
import { NO_USE, parseMicroCredits, ZERO } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import { inEnvironment } from '../rows/environments.js';
import { askedByPerson } from '../rows/requesters.js';
import type { UsageQuery, UsageRow, UsageView } from './usage-views.js';

export async function readUsage(tx: EntityManager, accountId: string, query: UsageQuery): Promise<UsageView> {
  const { statement, values } = usageStatement(accountId, query);
  const found = await tx.query<UsageSums[]>(statement, values);
  const total = found.find(({ is_total: isTotal }) => isTotal);
  const rows = found.filter(({ is_total: isTotal }) => !isTotal);
  return {
    total: total === undefined ? NOTHING : figuresOf(total),
    rows: rows.map((row) => rowOf(row, query.groupings.length)),
    groups: Number(rows[0]?.groups ?? 0),
  };
}

const NOTHING: UsageFigures = { jobs: 0, charged: ZERO, refunded: ZERO, used: NO_USE };

interface UsageSums {
  readonly is_total: boolean;
  readonly groups: string;
  readonly key_1: string | null;
  readonly key_2: string | null;
  readonly jobs: string;
  readonly charged: string;
  readonly refunded: string;
  readonly used: readonly string[];
}

/** Where the statement finds each key: what a job is as a whole, or what differs inside of it. */
const KEYS: Readonly<Record<UsageGrouping, string>> = {
  bot: 'p.bot_id',
  type: 'p.bot_type',
  kind: 'p.request_kind',
  model: 'f.model',
  thread: 'p.thread_id',
  day: 'f.day::text',
  funding: 'p.funding',
  campaign: 'p.campaign_id',
  artefact: 'p.artefact::text',
};

const METERS = {
  input: 'input_tokens',
  cachedInput: 'cached_input_tokens',
  cacheWrite: 'cache_write_tokens',
  output: 'output_tokens',
  reasoning: 'reasoning_tokens',
  system: 'system_tokens',
  calls: 'calls',
  milliseconds: 'milliseconds',
  bytes: 'bytes',
} as const satisfies Record<keyof Meters, string>;
const COLUMNS = Object.values(METERS);

const of = (template: (column: string) => string): string => COLUMNS.map(template).join(', ');

/** A step's own model, and none where it ran a tool; what is of no step, as the smallest charge, is of the job's. */
const MODEL = 'CASE WHEN s.ordinal IS NULL THEN p.model ELSE s.model END';
const CHARGED = `e.to_account = 'consumed:' || p.scope_id AND e.lot_id IS NOT NULL`;
const REFUNDED = `e.from_account = 'consumed:' || p.scope_id`;

/** Of a job `j`: files too much for their plan end the step asking for changes; a bot's own word is `go_on`. */
export const HAS_PACKED = `EXISTS (
  SELECT 1 FROM ledger.steps packed WHERE packed.job_id = j.id AND packed.stage = 'package'
  AND packed.state = 'ended' AND packed.charge_class = 'billable' AND packed.verdict IN ('approved', 'go_on'))`;

/**
 * Jobs that could have a part in the stretch; of those that ended before it, only ones with a refund. From them what
 * happened in it: a job began, an entry moved credits, an attempt that was charged ended.
 */
function usageStatement(
  accountId: string,
  query: UsageQuery,
): { readonly statement: string; readonly values: unknown[] } {
  const { from, to, groupings, days, limit } = query;
  const values: unknown[] = [accountId, new Date(from).toISOString(), new Date(to).toISOString()];
  const parameter = (value: unknown): string => `$${values.push(value)}`;
  const byDay = groupings.includes('day');
  const starts = byDay ? `${parameter(days.map((day) => new Date(day).toISOString()))}::timestamptz[]` : '';
  const dayOf = (at: string): string => (byDay ? `width_bucket(${at}, ${starts}) - 1` : '0');
  const asks = (property: 'model' | 'artefact'): boolean =>
    groupings.includes(property) || query[property] !== undefined;
  const byModel = asks('model');
  const modelOf = (model: string): string => (byModel ? model : 'NULL::text');
  const within = (at: string): string => `${at} >= $2 AND ${at} < $3`;
  const ofModel = query.model === undefined ? '' : `WHERE model = ${parameter(query.model)}`;
  const ofPerson = query.person === undefined ? '' : `AND ${askedByPerson('j', parameter(query.person))}`;
  const [key1 = 'NULL::text', key2 = 'NULL::text'] = groupings.map((grouping) => KEYS[grouping]);
  const sums = `sum(f.charged)::text AS charged, sum(f.refunded)::text AS refunded,
    ARRAY[${of((column) => `sum(f.${column})::text`)}] AS used`;
  const statement = `WITH picked AS MATERIALIZED (
      SELECT * FROM (
        SELECT j.id, j.scope_id, j.bot_id, j.bot_type, j.request_kind, j.model, j.thread_id, j.created_at,
          j.funding, j.campaign_id, j.marker, ${asks('artefact') ? HAS_PACKED : 'NULL'} AS artefact
        FROM ledger.jobs j
        WHERE j.account_id = $1 AND j.created_at < $3 AND (j.ended_at IS NULL OR j.ended_at >= $2 OR j.refunded > 0)
          AND ${inEnvironment('j.scope_id', query.environment)} ${ofPerson}
      ) p ${filterOf(query, parameter)}),
    facts AS (
      SELECT p.id AS job_id, ${modelOf('p.model')} AS model, ${dayOf('p.created_at')} AS day, 0::bigint AS charged,
        0::bigint AS refunded, ${of((column) => `0::bigint AS ${column}`)}
      FROM picked p WHERE p.created_at >= $2
      UNION ALL
      SELECT p.id, ${modelOf(MODEL)}, ${dayOf('e.effective_at')}, CASE WHEN ${CHARGED} THEN e.amount ELSE 0 END,
        CASE WHEN ${REFUNDED} THEN e.amount ELSE 0 END, ${of(() => '0::bigint')}
      FROM picked p JOIN ledger.entries e ON e.job_id = p.id
        ${byModel ? 'LEFT JOIN ledger.steps s ON s.job_id = e.job_id AND s.ordinal = e.step_ordinal' : ''}
      WHERE ${within('e.effective_at')} AND (${CHARGED} OR ${REFUNDED})
      UNION ALL
      SELECT p.id, ${modelOf('s.model')}, ${dayOf('a.ended_at')}, 0, 0, ${of((column) => `a.${column}`)}
      FROM picked p JOIN ledger.attempts a ON a.job_id = p.id
        ${byModel ? 'JOIN ledger.steps s ON s.job_id = a.job_id AND s.ordinal = a.ordinal' : ''}
      WHERE a.charge_class = 'billable' AND a.state <> 'open' AND ${within('a.ended_at')}),
    fine AS MATERIALIZED (
      SELECT job_id, model, day, sum(charged)::bigint AS charged, sum(refunded)::bigint AS refunded,
        ${of((column) => `sum(${column})::bigint AS ${column}`)}
      FROM facts ${ofModel} GROUP BY job_id, model, day),
    grouped AS (
      SELECT ${key1} AS key_1, ${key2} AS key_2, count(*) AS jobs, ${sums},
        sum(f.charged) AS by_charge, max(f.day) AS by_day
      FROM fine f JOIN picked p ON p.id = f.job_id GROUP BY 1, 2)
    SELECT true AS is_total, 0 AS groups, 0 AS place, NULL AS key_1, NULL AS key_2,
      count(DISTINCT f.job_id)::text AS jobs, ${sums}
    FROM fine f HAVING count(*) > 0
    UNION ALL
    SELECT * FROM (
      SELECT false, count(*) OVER () AS groups,
        row_number() OVER (ORDER BY ${byDay ? 'by_day DESC, ' : ''}by_charge DESC, key_1, key_2) AS place, key_1, key_2,
        jobs::text, charged, refunded, used
      FROM grouped) placed WHERE place <= ${parameter(limit)}
    ORDER BY place`;
  return { statement, values };
}

function filterOf(query: UsageQuery, parameter: (value: unknown) => string): string {
  const { botId, botType, requestKind, threadId, funding, campaignId, marker, artefact } = query;
  const asked: readonly (readonly [string, unknown])[] = [
    ['bot_id', botId],
    ['bot_type', botType],
    ['request_kind', requestKind],
    ['thread_id', threadId],
    ['funding', funding],
    ['campaign_id', campaignId],
    ['marker', marker],
    ['artefact', artefact],
  ];
  const conditions = asked.flatMap(([column, value]) =>
    value === undefined ? [] : [`p.${column} = ${parameter(value)}`],
  );
  return conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
}

function rowOf(sums: UsageSums, keys: number): UsageRow {
  return { keys: [sums.key_1, sums.key_2].slice(0, keys), ...figuresOf(sums) };
}

function figuresOf({ jobs, charged, refunded, used }: UsageSums): UsageFigures {
  return {
    jobs: Number(jobs),
    charged: parseMicroCredits(charged),
    refunded: parseMicroCredits(refunded),
    used: usedOf(used),
  };
}

function usedOf(sums: readonly string[]): Meters {
  const meters: Record<keyof Meters, number> = { ...NO_USE };
  for (const [index, meter] of (Object.keys(METERS) as (keyof Meters)[]).entries()) meters[meter] = Number(sums[index]);
  return meters;
}
