// Ledger room, read side. What a payer could have held now, as the ledger itself would find it: the question of a
// request that is about to be admitted, so it is one statement.
import type { Counter, DailyPeriod, Instant, Limit, Lot, OwnCredits, Payer, Reach } from '@fairmeter/domain';
import { Book, emptyScope, instant, latest, OWNER, parseMicroCredits, reachOf } from '@fairmeter/domain';
import { plannedOnce } from '@fairmeter/platform/database';
import type { EntityManager } from 'typeorm';
import { endsAfter, EVER_LIVED } from '../rows/lot-ends.js';
import { TERMS_FIGURES, termsTail, type TermsFiguresRow } from '../rows/terms-figures.js';
import { dayOf } from './day.reads.js';
import { LOT_FIGURES, lotOf, type LotFiguresRow } from './lot-figures.js';

export interface Spendable {
  /** As a hold would find it, debt included. Limits are left to the ledger: they are known by name at a hold only. */
  readonly reach: Reach;
  /** Jobs that have not ended. */
  readonly openJobs: number;
  /** Of those, how many visitors asked for. */
  readonly visitorJobs: number;
}

interface SpendableRow {
  readonly debt: string;
  readonly last_effective_ms: string;
  readonly day_opened_ms: string | null;
  readonly open_jobs: number;
  readonly visitor_jobs: number;
  readonly lots: readonly Stamped<LotFiguresRow>[] | null;
  readonly terms: readonly Stamped<TermsFiguresRow>[] | null;
}

/** Out of JSON, where an instant is a text. */
type Stamped<T> = { readonly [K in keyof T]: Date extends T[K] ? string | Exclude<T[K], Date> : T[K] };

const SPENDABLE = plannedOnce(`
WITH lot AS (SELECT * FROM ledger.lots l WHERE scope_id = $1 AND alive AND NOT clawed_back
    AND ${endsAfter('$2', 'l')}
  UNION (SELECT * FROM ledger.lots WHERE scope_id = $1 AND kind IN ('subscription', 'eu_allowance')
    AND ${EVER_LIVED} AND valid_from <= $2 ORDER BY valid_from DESC, expires_at DESC NULLS FIRST LIMIT 1)),
term AS (SELECT ${TERMS_FIGURES} FROM ledger.terms WHERE ${termsTail('$1', '$2::timestamptz')})
SELECT s.debt::text AS debt, (extract(epoch FROM s.last_effective_at) * 1000)::bigint::text AS last_effective_ms,
  (extract(epoch FROM s.day_opened) * 1000)::bigint::text AS day_opened_ms, s.open_jobs,
  s.visitor_jobs,
  (SELECT json_agg(l) FROM (SELECT ${LOT_FIGURES} FROM lot l) l) AS lots,
  (SELECT json_agg(term ORDER BY number) FROM term) AS terms
FROM ledger.scopes s WHERE s.id = $1`);

export interface SpendableQuery {
  readonly scopeId: string;
  readonly clockNow: Instant;
  readonly payer?: Payer;
}

export async function readSpendable(
  tx: EntityManager,
  { payer = OWNER, ...query }: SpendableQuery,
): Promise<Spendable> {
  const { book, ...open } = await readBook(tx, query);
  return { reach: reachOf(book, { before: undefined, payer, limits: [] }), ...open };
}

/** What is counted in a scope, for whoever asks what is used of it. */
export interface Counted {
  readonly limits: readonly Limit[];
  readonly counters: readonly Counter[];
}

export async function readBook(
  tx: EntityManager,
  { scopeId, clockNow }: Omit<SpendableQuery, 'payer'>,
  counted: Counted = { limits: [], counters: [] },
): Promise<{ readonly book: Book } & Omit<Spendable, 'reach'>> {
  const rows = await tx.query<SpendableRow[]>(SPENDABLE, [scopeId, new Date(clockNow).toISOString()]);
  const row = rows[0];
  const at = row === undefined ? clockNow : latest(clockNow, instant(Number(row.last_effective_ms)));
  const lots = (row?.lots ?? []).map((lot) => lotOf(lotRow(lot)));
  const day = dayOf((row?.terms ?? []).map(termsRow), at);
  const found = { at, lots, day, debt: row?.debt ?? '0', dayOpened: row?.day_opened_ms ?? null, ...counted };
  return { book: bookOf(scopeId, found), openJobs: row?.open_jobs ?? 0, visitorJobs: row?.visitor_jobs ?? 0 };
}

/** What somebody has of their own in a scope: anything at all is enough to be asked first. */
export async function readOwnCredits(tx: EntityManager, scopeId: string, clockNow: Instant): Promise<OwnCredits> {
  const payer: Payer = { funding: 'end_user', publicMayUseBonus: false };
  const { book } = await readBook(tx, { scopeId, clockNow });
  if (book.debt > 0n) return 'owes';
  if (reachOf(book, { before: undefined, payer, limits: [] }).amount > 0n) return 'left';
  const [row] = await tx.query<{ ever: boolean }[]>(
    'SELECT EXISTS (SELECT FROM ledger.lots WHERE scope_id = $1) AS ever',
    [scopeId],
  );
  return row?.ever === true ? 'used_up' : 'never';
}

interface Found extends Counted {
  readonly at: Instant;
  readonly lots: readonly Lot[];
  readonly day: DailyPeriod | null;
  readonly dayOpened: string | null;
  readonly debt: string;
}

/** The ledger's own working copy, which opens the day as a posting would; what it writes goes nowhere. */
function bookOf(scopeId: string, { at, lots, day, dayOpened, debt, limits, counters }: Found): Book {
  const scope = emptyScope(scopeId);
  const terms = { ...scope.terms, limits, dayOpened: dayOpened === null ? null : instant(Number(dayOpened)) };
  return new Book(
    {
      ...scope,
      lots: new Map(lots.map((lot) => [lot.id, lot])),
      counters: new Map(counters.map((counter) => [counter.id, counter])),
      debt: parseMicroCredits(debt),
      terms,
      day,
    },
    at,
  );
}

function lotRow(lot: Stamped<LotFiguresRow>): LotFiguresRow {
  const { valid_from: from, expires_at: end, period_start: period } = lot;
  const dateOf = (text: string | null): Date | null => (text === null ? null : new Date(text));
  return { ...lot, valid_from: new Date(from), expires_at: dateOf(end), period_start: dateOf(period) };
}

function termsRow(terms: Stamped<TermsFiguresRow>): TermsFiguresRow {
  return {
    ...terms,
    effective_at: new Date(terms.effective_at),
    reset_not_before: new Date(terms.reset_not_before),
    next_reset_at: new Date(terms.next_reset_at),
  };
}
