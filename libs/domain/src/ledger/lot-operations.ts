// Domain room. The operations on lots as they are posted: a verb over the scope's book, its answer, and what is told of
// it. The tables and a ledger in memory run the same ones.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, formatCredits, formatMicroCredits, ZERO } from '../amounts/micro-credits.js';
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import type { JobPosting } from '../jobs/facts.js';
import { scopePosting } from '../jobs/facts.js';
import type { Instant } from '../time/instant.js';
import { instantToText } from '../time/instant.js';
import { Book } from './book.js';
import type { ScopeEvent } from './events.js';
import type { LotPart } from './hold-verbs.js';
import { isLive } from './lot.js';
import type { ClawedBack, GrantOrder, LotCap } from './lot-verbs.js';
import { clawBack, endAll, expire, grant, takeFromLots } from './lot-verbs.js';
import type { ScopeSnapshot } from './scope.js';

export interface LotGround {
  readonly snapshot: ScopeSnapshot;
  readonly at: Instant;
}

export interface GrantResult {
  readonly lotId: string;
  /** Micro-credits that went to an earlier debt at once. */
  readonly debtPaid: string;
  /** The lot that ended with it, where there was one to end. */
  readonly inPlaceOf?: EndedInPlace;
}

interface EndedInPlace {
  readonly lotId: string;
  readonly takenBack: string;
}

function endedOf(lotId: string, takenBack: MicroCredits): EndedInPlace {
  return { lotId, takenBack: formatMicroCredits(takenBack) };
}

export interface ExpireResult {
  readonly lapsed: readonly { readonly lotId: string; readonly amount: string }[];
}

export interface EndWarningResult {
  /** Nothing is said of a lot of which nothing is left. */
  readonly told: boolean;
}

export interface ClawBackResult {
  readonly takenBack: string;
  readonly debt: string;
}

export function postGrant({ snapshot, at }: LotGround, order: GrantOrder): Outcome<JobPosting<GrantResult>> {
  const book = new Book(snapshot, at);
  const granted = grant(book, order);
  if (!granted.ok) return granted;
  const { debtPaid, lapsed, replaced } = granted.value;
  const { lotId, kind, amount, validFrom, expiresAt } = order;
  const inPlaceOf = replaced.lot === null ? {} : { inPlaceOf: endedOf(replaced.lot.id, replaced.takenBack) };
  return told(book, { lotId, debtPaid: formatMicroCredits(debtPaid), ...inPlaceOf }, [
    {
      type: 'credits.granted',
      job_id: null,
      lot_id: lotId,
      kind,
      amount: formatCredits(amount),
      valid_from: instantToText(validFrom),
      expires_at: expiresAt === null ? null : instantToText(expiresAt),
      debt_paid: formatCredits(debtPaid),
      available: formatCredits(book.availableToAll),
    },
    ...lapsedEvents(book, add(lapsed, replaced.lapsed)),
  ]);
}

/** Says that a lot ends soon, where that costs somebody something. No credits move. */
export function postEndWarning({ snapshot, at }: LotGround, lotId: string): Outcome<JobPosting<EndWarningResult>> {
  const book = new Book(snapshot, at);
  const lot = book.allLots.find((candidate) => candidate.id === lotId);
  if (lot === undefined) return refuse({ code: 'lot_not_found', lotId });
  const { kind, expiresAt } = lot;
  const left = add(lot.open, lot.held);
  if (expiresAt === null || left === ZERO || !isLive(lot, at)) return told(book, { told: false }, []);
  return told(book, { told: true }, [
    {
      type: 'credits.ending_soon',
      job_id: null,
      lot_id: lotId,
      kind,
      left: formatCredits(left),
      expires_at: instantToText(expiresAt),
      available: formatCredits(book.availableToAll),
    },
  ]);
}

export function postExpiry({ snapshot, at }: LotGround): Outcome<JobPosting<ExpireResult>> {
  const book = new Book(snapshot, at);
  const expired = expire(book);
  return expired.ok ? lapsedTold(book, expired.value.lapsed) : expired;
}

export function postEnding({ snapshot, at }: LotGround): Outcome<JobPosting<ExpireResult>> {
  const book = new Book(snapshot, at);
  const ended = endAll(book);
  return ended.ok ? lapsedTold(book, ended.value.lapsed) : ended;
}

function lapsedTold(book: Book, lapsed: readonly LotPart[]): Outcome<JobPosting<ExpireResult>> {
  const result = { lapsed: lapsed.map(({ lotId, amount }) => ({ lotId, amount: formatMicroCredits(amount) })) };
  return told(book, result, lapsedEvents(book, add(ZERO, ...lapsed.map((part) => part.amount))));
}

export function postClawBack({ snapshot, at }: LotGround, lotId: string): Outcome<JobPosting<ClawBackResult>> {
  const book = new Book(snapshot, at);
  const taken = clawBack(book, lotId);
  if (!taken.ok) return taken;
  const { takenBack, debt } = taken.value;
  const result = { takenBack: formatMicroCredits(takenBack), debt: formatMicroCredits(debt) };
  return told(book, result, [takenBackEvent(book, lotId, { takenBack, debt })]);
}

export interface CorrectionOrder {
  readonly lots: readonly LotCap[];
  readonly most: MicroCredits;
}

export interface CorrectionResult {
  readonly takenBack: string;
  readonly lots: readonly { readonly lotId: string; readonly amount: string }[];
}

/** What was given by mistake goes back as far as it is still there (edge 60): what was spent stays spent. */
export function postCorrection(
  { snapshot, at }: LotGround,
  { lots, most }: CorrectionOrder,
): Outcome<JobPosting<CorrectionResult>> {
  const book = new Book(snapshot, at);
  const taken = takeFromLots(book, lots, most);
  const takenBack = add(ZERO, ...taken.map(({ amount }) => amount));
  const events = taken.map(({ lotId, amount }) => takenBackEvent(book, lotId, { takenBack: amount, debt: ZERO }));
  const ofLots = taken.map(({ lotId, amount }) => ({ lotId, amount: formatMicroCredits(amount) }));
  return told(book, { takenBack: formatMicroCredits(takenBack), lots: ofLots }, events);
}

export function takenBackEvent(book: Book, lotId: string, { takenBack, debt }: ClawedBack): ScopeEvent {
  return {
    type: 'credits.taken_back',
    job_id: null,
    lot_id: lotId,
    amount: formatCredits(takenBack),
    debt: formatCredits(debt),
    available: formatCredits(book.availableToAll),
  };
}

export function lapsedEvents(book: Book, amount: MicroCredits): readonly ScopeEvent[] {
  if (amount === ZERO) return [];
  const available = formatCredits(book.availableToAll);
  return [{ type: 'credits.lapsed', job_id: null, amount: formatCredits(amount), available }];
}

export function told<R>(book: Book, result: R, events: readonly ScopeEvent[]): Outcome<JobPosting<R>> {
  return accept(scopePosting({ result, events, changes: book.changes() }));
}
