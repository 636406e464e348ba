// Ledger room, read side. What a scope has at one point of its history, apart by kind, and when each kind changes next.
import type { DailyPeriod, Instant, Lot, LotKind, MicroCredits } from '@fairmeter/domain';
import { add, hasLapsed, isLive, LOT_KINDS, ZERO } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import type { BonusKindFigures, CreditFigures, CreditsView, NextEnd, NextPeriod } from './credits-views.js';
import { dueAt, readDay, withUnopened } from './day.reads.js';
import type { LotFiguresRow } from './lot-figures.js';
import { LOT_FIGURES_AT, lotOf, overLots, valuesOf } from './lot-figures.js';
import { toldOf, type ScopePoint } from './scope-point.js';

type CreditGroup = 'daily' | 'subscription' | 'bonus' | 'end_user';

/** Total: a new kind compiles only when it has said where it is counted. */
const GROUPS = {
  daily: 'daily',
  subscription: 'subscription',
  bonus_admin: 'bonus',
  bonus_promo: 'bonus',
  bonus_community: 'bonus',
  compensation: 'bonus',
  bundle: 'bonus',
  eu_allowance: 'end_user',
  eu_pack: 'end_user',
} as const satisfies Record<LotKind, CreditGroup>;

const BONUS_KINDS = LOT_KINDS.filter((kind) => GROUPS[kind] === 'bonus');

/** From the caller's one snapshot: the figures, and the numbers of the entry and the event they end with. */
export async function readCredits(tx: EntityManager, point: ScopePoint): Promise<CreditsView> {
  const day = await readDay(tx, point);
  const due = dueAt(point, day);
  const rows = await tx.query<CountedRow[]>(countedLots(point), [...valuesOf(point), due?.id ?? null]);
  const found = rows.map(lotOf);
  const ends = renewalsOf(found, point.at);
  const counted = found.filter(({ id }, index) => rows[index]?.alive === true || id === due?.id);
  const lots = withUnopened(counted, due);
  const reset = resetOf(day);
  const of = (group: CreditGroup): Lot[] => lots.filter((lot) => GROUPS[lot.kind] === group);
  return {
    point: toldOf(point),
    asOf: point.at,
    entrySeq: point.entrySeq,
    eventSeq: point.eventSeq,
    ...figuresOf(lots, point.at),
    daily: { ...figuresOf(of('daily'), point.at), nextResetAt: reset ?? ends.daily },
    subscription: {
      ...figuresOf(of('subscription'), point.at),
      periodEnd: ends.subscription ?? endOfPeriod(due),
      next: nextPeriodOf(of('subscription'), point.at),
    },
    bonus: {
      ...figuresOf(of('bonus'), point.at),
      nextEnd: nextEndOf(of('bonus'), point.at),
      kinds: BONUS_KINDS.map((kind) => bonusKind(kind, lots, point.at)),
    },
    nextChangeAt: soonest([...changesOf(lots, point.at), ...(reset === null ? [] : [reset])]),
  };
}

interface CountedRow extends LotFiguresRow {
  readonly alive: boolean;
}

/** In one question: what has something left, the lot that is due, and what renews itself, whatever is left of it. */
const countedLots = overLots(
  (lots) => `SELECT ${LOT_FIGURES_AT}, l.alive FROM ${lots} WHERE l.alive OR l.id = $4
  OR (l.kind IN ('daily', 'subscription') AND l.valid_from <= $3 AND l.expires_at > $3)`,
);

/** The ends of the lots that renew themselves: known also when nothing is left of them. */
function renewalsOf(lots: readonly Lot[], at: Instant): { readonly [K in 'daily' | 'subscription']: Instant | null } {
  const endOf = (kind: LotKind): Instant | null =>
    soonest(
      lots.flatMap((lot) => {
        const { expiresAt } = lot;
        return lot.kind === kind && lot.validFrom <= at && expiresAt !== null && expiresAt > at ? expiresAt : [];
      }),
    );
  return { daily: endOf('daily'), subscription: endOf('subscription') };
}

/** Of a test scope whose month nothing has opened yet. */
function endOfPeriod(due: Lot | null): Instant | null {
  return due?.kind === 'subscription' ? due.expiresAt : null;
}

/** What was posted ahead and has not begun; nothing of it counts yet. */
function nextPeriodOf(lots: readonly Lot[], at: Instant): NextPeriod | null {
  const [next] = lots.filter((lot) => lot.validFrom > at && lot.open > 0n).sort((a, b) => a.validFrom - b.validFrom);
  return next === undefined ? null : { startsAt: next.validFrom, amount: next.open };
}

/** Where a day is given nothing and has nothing, its end changes nothing. */
function resetOf(day: DailyPeriod | null): Instant | null {
  return day === null || (day.allowance === 0n && day.grantedNow === 0n) ? null : day.end;
}

function figuresOf(lots: readonly Lot[], at: Instant): CreditFigures {
  const available = add(ZERO, ...lots.filter((lot) => isLive(lot, at)).map((lot) => lot.open));
  const held = add(ZERO, ...lots.map((lot) => lot.held));
  return { available, held, total: add(available, held) };
}

function bonusKind(kind: LotKind, lots: readonly Lot[], at: Instant): BonusKindFigures {
  const own = lots.filter((lot) => lot.kind === kind);
  return { kind, ...figuresOf(own, at), nextEnd: nextEndOf(own, at) };
}

/** Of lots with something left: the end of one that is used up costs nobody anything. */
function nextEndOf(lots: readonly Lot[], at: Instant): NextEnd | null {
  const ending = lots.flatMap(({ expiresAt, ...lot }) =>
    expiresAt !== null && lot.open > 0n && isLive({ expiresAt, ...lot }, at) ? [{ expiresAt, open: lot.open }] : [],
  );
  const expiresAt = soonest(ending.map((lot) => lot.expiresAt));
  if (expiresAt === null) return null;
  const amounts: MicroCredits[] = ending.filter((lot) => lot.expiresAt === expiresAt).map((lot) => lot.open);
  return { expiresAt, amount: add(ZERO, ...amounts) };
}

function changesOf(lots: readonly Lot[], at: Instant): Instant[] {
  return lots
    .filter((lot) => !hasLapsed(lot, at))
    .flatMap((lot) => (lot.validFrom > at ? lot.validFrom : lot.expiresAt) ?? []);
}

function soonest(instants: readonly Instant[]): Instant | null {
  return instants.reduce<Instant | null>((first, next) => (first === null || next < first ? next : first), null);
}
