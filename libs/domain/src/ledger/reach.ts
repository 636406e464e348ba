// Domain room. How far a hold could be brought now, and what stands in the way of more: a debt, the payer's lots, or a
// limit. A forecast asks before it is decided what a step may cost, the hold itself asks again.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, largest, smallest, ZERO } from '../amounts/micro-credits.js';
import type { Refusal } from '../failures/refusal.js';
import type { Book } from './book.js';
import type { CounterKind, LimitNow } from './counter.js';
import { roomOf } from './counter.js';
import type { Hold } from './hold.js';
import { notEnough } from './not-enough.js';
import type { Payer } from './payer.js';

export interface Reach {
  readonly amount: MicroCredits;
  /** What to say to whoever needs more than that. */
  readonly refusalOf: (required: MicroCredits) => Refusal;
}

export interface ReachQuery {
  /** The hold that would be brought there: its own share counts as free. */
  readonly before: Hold | undefined;
  readonly payer: Payer;
  readonly limits: readonly LimitNow[];
}

export function reachOf(book: Book, { before, payer, limits }: ReachQuery): Reach {
  const own = new Map((before?.lines ?? []).map((line) => [line.lotId, line.held]));
  const lots = book.liveLotsInDrawOrder(payer);
  const credits = add(ZERO, ...lots.map((lot) => add(lot.open, own.get(lot.id) ?? ZERO)));
  const rooms = limits.map((now) => ({ now, room: roomUnder(book, now, before) }));
  const { debt } = book;
  return {
    amount: debt > 0n ? ZERO : rooms.reduce((least, { room }) => smallest(least, room), credits),
    refusalOf: (required) => {
      if (debt > 0n) return { code: 'debt_outstanding', debt };
      const tight = required > credits ? undefined : rooms.find(({ room }) => room < required);
      if (tight === undefined)
        return notEnough(required, credits, { resetsAt: book.nextReset(payer), funding: payer.funding });
      return limitReached(book, tight.now, required);
    },
  };
}

/** A limit lowered below its use stops what would hold more, not a hold that keeps or lessens its part (edge 75). */
function roomUnder(book: Book, now: LimitNow, before: Hold | undefined): MicroCredits {
  const counter = book.counter(now);
  const own = before?.counters.find((part) => part.counterId === counter.id)?.held ?? ZERO;
  return largest(own, roomOf(now.limit, counter, own));
}

/** Each limit stops alone and under a code of its own (B16). */
const LIMIT_CODES = {
  free_reserve: 'free_usage_exhausted',
  training: 'training_limit_reached',
  campaign: 'campaign_limit_reached',
  member: 'member_limit_reached',
  key: 'key_limit_reached',
  spend: 'spend_limit_reached',
  bot: 'bot_limit_reached',
  visitor: 'visitor_limit_reached',
} as const satisfies Record<CounterKind, Refusal['code']>;

function limitReached(book: Book, now: LimitNow, required: MicroCredits): Refusal {
  const counter = book.counter(now);
  return {
    code: LIMIT_CODES[now.limit.kind],
    limit: now.limit.amount,
    used: counter.used,
    held: counter.held,
    required,
    resetsAt: book.nextPeriod(now.limit.period),
  };
}
