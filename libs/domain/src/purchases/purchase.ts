// Domain room. A purchase of credits: what became of its payment, and what that means for the lots it bought. News of a
// payment comes late, twice and out of order; so what stands follows from all that was ever heard, and from no order.
export const PURCHASE_STATES = ['pending', 'paid', 'disputed', 'reversed'] as const;
export type PurchaseState = (typeof PURCHASE_STATES)[number];

export const PAYMENT_NEWS = ['paid', 'disputed', 'dispute_won', 'reversed', 'refund_failed'] as const;
/**
 * `reversed`: the money went back, by a refund or a dispute that was lost. `refund_failed`: what had been on its way
 * back could not be carried out, and the money is with us as before.
 */
export type PaymentNews = (typeof PAYMENT_NEWS)[number];

export interface HeardNews {
  readonly news: PaymentNews;
  /** Which dispute is meant, where it is known: one payment may have several. */
  readonly dispute: string | null;
  /** Which refund is meant, where it is known: one that failed may be followed by another. */
  readonly refund: string | null;
  /** Under which name it was told: the same twice is one. */
  readonly event: string;
  /** When the provider says that it happened, in milliseconds. */
  readonly at: number;
}

/** A dispute and a refund are always of a payment that was made, so that news of one tells of the other. */
export function standingOf(heard: readonly HeardNews[]): PurchaseState {
  // Money that went back does not come again: whoever buys once more has another purchase.
  if (isReversed(heard)) return 'reversed';
  const won = new Set(heard.filter(({ news }) => news === 'dispute_won').map(({ dispute }) => dispute));
  // Whose name was not noted when it was opened is over with any that was won: else it never could be.
  const isOver = (dispute: string | null): boolean => (dispute === null ? won.size > 0 : won.has(dispute));
  if (heard.some(({ news, dispute }) => news === 'disputed' && !isOver(dispute))) return 'disputed';
  return heard.length > 0 ? 'paid' : 'pending';
}

/**
 * Each refund that failed undoes the one of its name, and one that was told of without any before it failed: what went
 * back later is another, even where nobody named it.
 */
function isReversed(heard: readonly HeardNews[]): boolean {
  const reversals = heard.filter(({ news }) => news === 'reversed');
  // What a bank has decided is no refund of ours, and nothing undoes it.
  if (reversals.some(({ dispute }) => dispute !== null)) return true;
  const failed = new Set(failedRefunds(heard));
  if (reversals.some(({ refund }) => refund !== null && !failed.has(refund))) return true;
  const unnamed = firstTimes(
    reversals.filter(({ refund }) => refund === null),
    ({ event }) => event,
  );
  let undone = 0;
  for (const failedAt of firstTimes(heardFailed(heard), nameOfRefund)) {
    if (unnamed.filter((at) => at <= failedAt).length > undone) undone += 1;
  }
  return unnamed.length > undone;
}

const heardFailed = (heard: readonly HeardNews[]): readonly HeardNews[] =>
  heard.filter(({ news }) => news === 'refund_failed');

const nameOfRefund = ({ refund, event }: HeardNews): string => refund ?? event;

/** When each was told of first, the earliest in front. */
function firstTimes(heard: readonly HeardNews[], nameOf: (news: HeardNews) => string): readonly number[] {
  const times = new Map<string, number>();
  for (const news of heard) times.set(nameOf(news), Math.min(news.at, times.get(nameOf(news)) ?? Infinity));
  return [...times.values()].sort((one, other) => one - other);
}

/** By their names, each once, however many messages told of it. */
export function failedRefunds(heard: readonly HeardNews[]): readonly string[] {
  return [...new Set(heardFailed(heard).map(nameOfRefund))];
}

/** Whoever the credits are for: a `closed` account takes no more of them, a `forgotten` visitor is nobody any more. */
export type Holder = 'there' | 'closed' | 'forgotten';

export interface PartStanding {
  /** Whether its credits are given now. */
  readonly given: boolean;
  readonly holder: Holder;
}

/** What the ledger is asked for, for one lot of a purchase. */
export type PartEffect = 'grant' | 'take_back';

export function effectOn({ given, holder }: PartStanding, state: PurchaseState): PartEffect | null {
  // Their units ended with them: nothing is left to take, and nobody is there to owe it.
  if (holder === 'forgotten') return null;
  if (state === 'paid') return given || holder === 'closed' ? null : 'grant';
  return given ? 'take_back' : null;
}

/** Paid for by somebody who had gone before: no credits come of it, so the money goes the way it came. */
export function owesBack(state: PurchaseState, buyer: Holder, everGranted: boolean): boolean {
  return state === 'paid' && buyer !== 'there' && !everGranted;
}

/** Of a reversal that one person of the staff may not ask for alone. */
export const REVERSAL_STATES = ['requested', 'approved', 'rejected'] as const;
export type ReversalState = (typeof REVERSAL_STATES)[number];
