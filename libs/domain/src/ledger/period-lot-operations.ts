// Domain room. The operations on a period's lot as they are posted: a verb over the scope's book, its answer, and what
// is told of it. The tables and a ledger in memory run the same ones.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { formatCredits, formatMicroCredits, ZERO } from '../amounts/micro-credits.js';
import type { Outcome } from '../failures/refusal.js';
import type { JobPosting } from '../jobs/facts.js';
import { instantToText } from '../time/instant.js';
import { Book } from './book.js';
import { lapsedEvents, takenBackEvent, told, type LotGround } from './lot-operations.js';
import { endLot, grow, takeBackLot, type Ended, type PeriodLotName } from './period-lots.js';

export interface GrowResult {
  readonly lotId: string;
}

export interface EndLotResult {
  /** Null where there was nothing left to end: the lot was over, or was never posted. */
  readonly lotId: string | null;
  /** Micro-credits of a lot that had begun. */
  readonly lapsed: string;
  /** Micro-credits of one that had not. */
  readonly takenBack: string;
}

export interface GrowOrder extends PeriodLotName {
  readonly amount: MicroCredits;
}

export function postGrowth({ snapshot, at }: LotGround, order: GrowOrder): Outcome<JobPosting<GrowResult>> {
  const book = new Book(snapshot, at);
  const grown = grow(book, order, order.amount);
  if (!grown.ok) return grown;
  const { id: lotId, kind, expiresAt } = grown.value;
  return told(book, { lotId }, [
    {
      type: 'credits.grown',
      job_id: null,
      lot_id: lotId,
      kind,
      amount: formatCredits(order.amount),
      expires_at: expiresAt === null ? null : instantToText(expiresAt),
      available: formatCredits(book.availableToAll),
    },
  ]);
}

export function postLotEnd({ snapshot, at }: LotGround, name: PeriodLotName): Outcome<JobPosting<EndLotResult>> {
  const book = new Book(snapshot, at);
  const ended = endLot(book, name);
  return ended.ok ? endTold(book, ended.value) : ended;
}

export function postTakeBack({ snapshot, at }: LotGround, name: PeriodLotName): Outcome<JobPosting<EndLotResult>> {
  const book = new Book(snapshot, at);
  const ended = takeBackLot(book, name);
  return ended.ok ? endTold(book, ended.value) : ended;
}

function endTold(book: Book, { lot, lapsed, takenBack }: Ended): Outcome<JobPosting<EndLotResult>> {
  const result = {
    lotId: lot?.id ?? null,
    lapsed: formatMicroCredits(lapsed),
    takenBack: formatMicroCredits(takenBack),
  };
  const takenBackEvents =
    lot === null || takenBack === ZERO ? [] : [takenBackEvent(book, lot.id, { takenBack, debt: ZERO })];
  return told(book, result, [...lapsedEvents(book, lapsed), ...takenBackEvents]);
}
