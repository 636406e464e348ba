// Domain room. The verbs of a period's lot, each by the natural key of its grant: it grows with an upgrade, ends when
// another period takes its place, and goes back where it was posted ahead and does not begin.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { MOST_OF_A_SCOPE, ZERO } from '../amounts/micro-credits.js';
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import type { Instant } from '../time/instant.js';
import type { Book } from './book.js';
import type { Lot } from './lot.js';
import { hasLapsed } from './lot.js';
import type { PeriodKind } from './terms.js';

/** Names a lot as its grant did. */
export interface PeriodLotName {
  readonly kind: PeriodKind;
  readonly sourceRef: string;
}

/** A period's lot always has an end; whoever granted one without meant no period. */
type DatedLot = Lot & { readonly expiresAt: Instant };

function periodLot(book: Book, { kind, sourceRef }: PeriodLotName): DatedLot | undefined {
  const lot = book.lotBySource(kind, sourceRef);
  return lot === undefined || lot.expiresAt === null ? undefined : { ...lot, expiresAt: lot.expiresAt };
}

/** issued -> open of a lot that has not ended: more of the same, to the same end (E17, E20). */
export function grow(book: Book, name: PeriodLotName, amount: MicroCredits): Outcome<Lot> {
  if (amount <= 0n || amount > MOST_OF_A_SCOPE - book.outstanding) {
    return refuse({ code: 'amount_out_of_range', field: 'amount' });
  }
  const lot = periodLot(book, name);
  if (lot === undefined) return refuse({ code: 'lot_not_found', lotId: name.sourceRef });
  if (lot.clawedBack) return refuse({ code: 'lot_taken_back', lotId: lot.id });
  if (hasLapsed(lot, book.at)) return refuse({ code: 'lot_ended', lotId: lot.id });
  book.growOpen(lot.id, { amount, from: `issued:${lot.kind}` });
  return accept(book.lot(lot.id));
}

/** What became of a lot that was to end; nothing where it was over already. */
export interface Ended {
  readonly lot: Lot | null;
  readonly lapsed: MicroCredits;
  readonly takenBack: MicroCredits;
}

export const NOTHING_DONE: Ended = { lot: null, lapsed: ZERO, takenBack: ZERO };

/** Ends a lot now. What a hold has of it stays for the step in flight, as with every lot that ends. */
export function endLot(book: Book, name: PeriodLotName): Outcome<Ended> {
  const lot = periodLot(book, name);
  return lot === undefined
    ? refuse({ code: 'lot_not_found', lotId: name.sourceRef })
    : accept(endOrTakeBack(book, lot));
}

/** One that was never posted is as good as taken back. */
export function takeBackLot(book: Book, name: PeriodLotName): Outcome<Ended> {
  const lot = periodLot(book, name);
  return accept(lot === undefined ? NOTHING_DONE : endOrTakeBack(book, lot));
}

/**
 * open -> clawed_back of a lot that has not begun, which therefore nobody can owe; open -> lapsed of one that has, also
 * where it began only while its taking back was on the way.
 */
export function endOrTakeBack(book: Book, lot: Lot): Ended {
  if (lot.clawedBack || hasLapsed(lot, book.at)) return NOTHING_DONE;
  const hasBegun = lot.validFrom <= book.at;
  if (lot.open > 0n) book.takeOpen(lot.id, lot.open, hasBegun ? 'lapsed' : 'clawed_back');
  book.endNow(lot.id);
  if (!hasBegun) book.markClawedBack(lot.id);
  return { lot, lapsed: hasBegun ? lot.open : ZERO, takenBack: hasBegun ? ZERO : lot.open };
}
