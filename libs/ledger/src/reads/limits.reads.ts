// Ledger room, read side. The limits of a scope with what is used and held under them in their present periods.
import type { Counter, CounterKind, CounterPeriod, Instant, Limit, LimitChange, MicroCredits } from '@fairmeter/domain';
import { instantOfDate, parseMicroCredits } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import { readBook } from './spendable.reads.js';

export interface LimitView extends Limit {
  readonly used: MicroCredits;
  readonly held: MicroCredits;
  /** When it counts anew; null where nobody can tell, or never. */
  readonly resetsAt: Instant | null;
}

export type LimitName = Pick<Limit, 'kind' | 'subject' | 'period'>;

interface LimitRow {
  readonly kind: CounterKind;
  readonly subject: string;
  readonly period: CounterPeriod;
  readonly amount: string | null;
}

interface CounterRow extends Omit<LimitRow, 'amount'> {
  readonly id: string;
  readonly period_start: Date;
  readonly used: string;
  readonly held: string;
}

/** More limits than this are those of single visitors, which nobody reads in one list. */
const LIMITS_MOST = 1_000;

const LIMITS = `SELECT kind, subject, period, amount::text AS amount FROM (
  SELECT DISTINCT ON (kind, subject, period) kind, subject, period, amount FROM ledger.limits
  WHERE scope_id = $1 AND (subject LIKE 'cmp\\_%') = $2 ORDER BY kind, subject, period, number DESC) l
WHERE amount IS NOT NULL ORDER BY kind, subject, period LIMIT ${LIMITS_MOST}`;

const COUNTERS = `SELECT DISTINCT ON (kind, subject, period) id, kind, subject, period, period_start,
  used::text AS used, held::text AS held FROM ledger.counters
WHERE scope_id = $1 AND (kind, subject, period) IN (SELECT * FROM unnest($2::text[], $3::text[], $4::text[]))
ORDER BY kind, subject, period, period_start DESC`;

export interface LimitsQuery {
  readonly scopeId: string;
  readonly at: Instant;
  /** Those of campaigns, or all others. */
  readonly ofCampaigns: boolean;
  /** Names to be told as well, as limits of nothing, where there are none. */
  readonly also?: readonly LimitName[];
}

export async function readLimits(
  tx: EntityManager,
  { scopeId, at, ofCampaigns, also = [] }: LimitsQuery,
): Promise<LimitView[]> {
  const rows = await tx.query<LimitRow[]>(LIMITS, [scopeId, ofCampaigns]);
  const set = rows.map((row) => ({ ...row, amount: parseMicroCredits(row.amount ?? '0') }));
  const others = also.filter((name) => !set.some((one) => isSame(one, name)));
  const limits: Limit[] = [...set, ...others.map((name) => ({ ...name, amount: parseMicroCredits('0') }))];
  const counters = await tx.query<CounterRow[]>(COUNTERS, [
    scopeId,
    limits.map(({ kind }) => kind),
    limits.map(({ subject }) => subject),
    limits.map(({ period }) => period),
  ]);
  const { book } = await readBook(tx, { scopeId, clockNow: at }, { limits, counters: counters.map(counterOf) });
  return limits.map((limit) => {
    const now = book.limits([limit]).find((one) => one.limit.period === limit.period);
    const counter = now === undefined ? null : book.counter(now);
    const { used, held } = counter ?? { used: parseMicroCredits('0'), held: parseMicroCredits('0') };
    const { kind, subject, period, amount } = limit;
    return { kind, subject, period, amount, used, held, resetsAt: book.nextPeriod(period) };
  });
}

function isSame(one: LimitName, other: LimitName): boolean {
  return one.kind === other.kind && one.subject === other.subject && one.period === other.period;
}

function counterOf({ period_start: start, used, held, ...row }: CounterRow): Counter {
  return { ...row, periodStart: instantOfDate(start), used: parseMicroCredits(used), held: parseMicroCredits(held) };
}

export interface LimitsBefore {
  readonly scopeId: string;
  readonly changeKey: string;
  readonly names: readonly LimitName[];
}

/** What stood of these names when that change came. */
export async function readLimitsBefore(
  tx: EntityManager,
  { scopeId, changeKey, names }: LimitsBefore,
): Promise<LimitChange[]> {
  const rows = await tx.query<LimitRow[]>(
    `SELECT DISTINCT ON (kind, subject, period) kind, subject, period, amount::text AS amount FROM ledger.limits
     WHERE scope_id = $1 AND (kind, subject, period) IN (SELECT * FROM unnest($3::text[], $4::text[], $5::text[]))
       AND number < (SELECT min(number) FROM ledger.limits WHERE scope_id = $1 AND operation_key = $2)
     ORDER BY kind, subject, period, number DESC`,
    [
      scopeId,
      `${scopeId}:limits:${changeKey}`,
      names.map(({ kind }) => kind),
      names.map(({ subject }) => subject),
      names.map(({ period }) => period),
    ],
  );
  return names.map(({ kind, subject, period }) => {
    const row = rows.find((one) => isSame(one, { kind, subject, period }));
    return { kind, subject, period, amount: typeof row?.amount === 'string' ? parseMicroCredits(row.amount) : null };
  });
}

/** How many visitors of a bot have credits of their own, and how many credits those are together. */
export async function readVisitorsCredits(
  tx: EntityManager,
  { accountId, botId, at }: { readonly accountId: string; readonly botId: string; readonly at: Instant },
): Promise<{ readonly visitors: number; readonly credits: MicroCredits }> {
  const [row] = await tx.query<{ visitors: string; credits: string }[]>(
    `SELECT count(DISTINCT scope_id) AS visitors, coalesce(sum(open + held), 0)::text AS credits FROM ledger.lots
     WHERE account_id = $1 AND scope_id LIKE $2 AND alive AND NOT clawed_back
       AND (expires_at IS NULL OR expires_at > $3)`,
    [accountId, `end\\_user/${botId.replaceAll('_', '\\_')}/%`, new Date(at)],
  );
  return { visitors: Number(row?.visitors ?? 0), credits: parseMicroCredits(row?.credits ?? '0') };
}
