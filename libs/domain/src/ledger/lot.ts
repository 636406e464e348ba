// Domain room. A lot is one dated parcel of credits; this file says which lots may pay now and in which order.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, ZERO } from '../amounts/micro-credits.js';
import type { Instant } from '../time/instant.js';

export const LOT_KINDS = [
  'daily',
  'subscription',
  'bonus_admin',
  'bonus_promo',
  'bonus_community',
  'compensation',
  'bundle',
  'eu_allowance',
  'eu_pack',
] as const;
export type LotKind = (typeof LOT_KINDS)[number];

export interface Lot {
  readonly id: string;
  readonly kind: LotKind;
  readonly granted: MicroCredits;
  /** Free to be held. */
  readonly open: MicroCredits;
  /** Set aside by holds; what remains of the lot is open + held. */
  readonly held: MicroCredits;
  readonly validFrom: Instant;
  readonly expiresAt: Instant | null;
  /** The end its grant named, where it was ended before that; null for every other lot. */
  readonly grantedUntil: Instant | null;
  /** When the period began that it is for, where that was before the lot did: it was paid late. */
  readonly periodStart: Instant | null;
  /** Where the lot came from, unique with its kind: the natural key of a grant. */
  readonly sourceRef: string;
  /** Number of the entry that opened it inside its scope: older lots have smaller ones. */
  readonly openedSeq: bigint;
  /** Its purchase was taken back: nothing of it pays any more. */
  readonly clawedBack: boolean;
  /** What of it ended unused. */
  readonly lapsed: MicroCredits;
}

/** Half-open: a lot lives from `validFrom` up to, not including, `expiresAt`. */
export function isLive(lot: Lot, at: Instant): boolean {
  return lot.validFrom <= at && !hasLapsed(lot, at) && !lot.clawedBack;
}

export function hasLapsed(lot: Lot, at: Instant): boolean {
  return lot.expiresAt !== null && lot.expiresAt <= at;
}

/** A lot that was taken back before it began has ended and never lived: it is of no period. */
export function hasEverLived({ validFrom, expiresAt }: Pick<Lot, 'validFrom' | 'expiresAt'>): boolean {
  return expiresAt === null || expiresAt > validFrom;
}

export function availableOf(lots: Iterable<Lot>, at: Instant): MicroCredits {
  return add(ZERO, ...[...lots].filter((lot) => isLive(lot, at)).map((lot) => lot.open));
}

/** Daily, then the period's, then bonus (E9); an end user's allowance comes before bought packs (B13). */
const KIND_RANK: Readonly<Record<LotKind, number>> = {
  daily: 0,
  subscription: 1,
  bonus_admin: 2,
  bonus_promo: 2,
  bonus_community: 2,
  compensation: 2,
  bundle: 2,
  eu_allowance: 0,
  eu_pack: 1,
};

/** Inside bonus, what was given for free goes before what was bought (X20). */
const BOUGHT_RANK: Readonly<Record<LotKind, number>> = {
  daily: 0,
  subscription: 0,
  bonus_admin: 0,
  bonus_promo: 0,
  bonus_community: 0,
  compensation: 0,
  bundle: 1,
  eu_allowance: 0,
  eu_pack: 1,
};

/**
 * `lot.draw-order-total`: kind, then the soonest end (none is last), then free before bought, then the oldest, then
 * the id. Two different lots never compare equal, so every process draws alike.
 */
export function compareDrawOrder(a: Lot, b: Lot): number {
  return (
    KIND_RANK[a.kind] - KIND_RANK[b.kind] ||
    compareEnd(a.expiresAt, b.expiresAt) ||
    BOUGHT_RANK[a.kind] - BOUGHT_RANK[b.kind] ||
    compareBigint(a.openedSeq, b.openedSeq) ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  );
}

function compareEnd(a: Instant | null, b: Instant | null): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return a - b;
}

function compareBigint(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
