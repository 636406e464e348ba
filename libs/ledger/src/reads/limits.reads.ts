// Ledger room, read side. The limits of a scope with what is used and held under them in their present periods.
import type { Counter, CounterKind, CounterPeriod, Instant, Limit, LimitChange, MicroCredits } from '@fairmeter/domain';
import { instantOfDate, parseMicroCredits } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import { endsAfter } from '../rows/lot-ends.js';
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

const LIMITS = `SELECT kind, subject, period, amount::text AS amount FROM (
  SELECT DISTINCT ON (kind, subject, period) kind, subject, period, amount FROM ledger.limits
  WHERE scope_id = $1 AND subject NOT LIKE 'cmp\\_%' AND ($2::text IS NULL OR (kind, subject, period) > ($2, $3, $4))
    AND ($6::text IS NULL OR subject = $6 OR kind NOT IN ('member', 'key', 'visitor'))
  ORDER BY kind, subject, period, number DESC) l
WHERE amount IS NOT NULL ORDER BY kind, subject, period LIMIT $5`;

const NAMED = `SELECT DISTINCT ON (kind, subject, period) kind, subject, period, amount::text AS amount
FROM ledger.limits
WHERE scope_id = $1 AND (kind, subject, period) IN (SELECT * FROM unnest($2::text[], $3::text[], $4::text[]))
ORDER BY kind, subject, period, number DESC`;

const COUNTERS = `SELECT DISTINCT ON (kind, subject, period) id, kind, subject, period, period_start,
  used::text AS used, held::text AS held FROM ledger.counters
WHERE scope_id = $1 AND (kind, subject, period) IN (SELECT * FROM unnest($2::text[], $3::text[], $4::text[]))
ORDER BY kind, subject, period, period_start DESC`;

export interface LimitsAt {
  readonly scopeId: string;
  readonly at: Instant;
}

export interface LimitsPage {
  /** The last one seen; null begins. */
  readonly after: LimitName | null;
  readonly limit: number;
  /** Of what is counted by somebody, whose alone; left out, everybody's. */
  readonly person?: string | undefined;
}

/** Those that are set, by kind, subject and period; campaigns have theirs beside them. */
export async function listLimits(tx: EntityManager, of: LimitsAt, page: LimitsPage): Promise<LimitView[]> {
  const { kind = null, subject = null, period = null } = page.after ?? {};
  const values = [of.scopeId, kind, subject, period, page.limit, page.person ?? null];
  const rows = await tx.query<LimitRow[]>(LIMITS, values);
  return viewsOf(tx, of, rows.map(limitOf));
}

export interface NamedLimit extends LimitView {
  /** Where it is not, its amount is nothing. */
  readonly isSet: boolean;
}

/** In the order of their names, those that are not set as well. */
export async function readNamedLimits(
  tx: EntityManager,
  of: LimitsAt,
  names: readonly LimitName[],
): Promise<NamedLimit[]> {
  const rows = await tx.query<LimitRow[]>(NAMED, [of.scopeId, ...columnsOf(names)]);
  const set = rows.filter(({ amount }) => amount !== null);
  const found = names.map((name) => limitOf({ ...name, amount: set.find((row) => isSame(row, name))?.amount ?? null }));
  const views = await viewsOf(tx, of, found);
  return views.map((view) => ({ ...view, isSet: set.some((row) => isSame(row, view)) }));
}

async function viewsOf(tx: EntityManager, { scopeId, at }: LimitsAt, limits: readonly Limit[]): Promise<LimitView[]> {
  if (limits.length === 0) return [];
  const counters = await tx.query<CounterRow[]>(COUNTERS, [scopeId, ...columnsOf(limits)]);
  const { book } = await readBook(tx, { scopeId, clockNow: at }, { limits, counters: counters.map(counterOf) });
  return limits.map((limit) => {
    const now = book.limits([limit]).find((one) => one.limit.period === limit.period);
    const counter = now === undefined ? null : book.counter(now);
    const { used, held } = counter ?? { used: parseMicroCredits('0'), held: parseMicroCredits('0') };
    return { ...limit, used, held, resetsAt: book.nextPeriod(limit.period) };
  });
}

function limitOf({ kind, subject, period, amount }: LimitRow): Limit {
  return { kind, subject, period, amount: parseMicroCredits(amount ?? '0') };
}

function columnsOf(names: readonly LimitName[]): string[][] {
  return [names.map(({ kind }) => kind), names.map(({ subject }) => subject), names.map(({ period }) => period)];
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
    [scopeId, `${scopeId}:limits:${changeKey}`, ...columnsOf(names)],
  );
  return names.map(({ kind, subject, period }) => {
    const row = rows.find((one) => isSame(one, { kind, subject, period }));
    return { kind, subject, period, amount: typeof row?.amount === 'string' ? parseMicroCredits(row.amount) : null };
  });
}

/** How many visitors of a bot have credits of their own, and how many credits those are together. */
export async function readVisitorsCredits(
  tx: EntityManager,
  { botId, at }: { readonly botId: string; readonly at: Instant },
): Promise<{ readonly visitors: number; readonly credits: MicroCredits }> {
  const [row] = await tx.query<{ visitors: string; credits: string }[]>(
    `SELECT count(DISTINCT scope_id) AS visitors, coalesce(sum(open + held), 0)::text AS credits FROM ledger.lots l
     WHERE scope_id LIKE $1 AND alive AND NOT clawed_back AND ${endsAfter('$2', 'l')}`,
    [`end\\_user/${botId.replaceAll('_', '\\_')}/%`, new Date(at)],
  );
  return { visitors: Number(row?.visitors ?? 0), credits: parseMicroCredits(row?.credits ?? '0') };
}
