// Domain room. The operations on lots as they are posted: a verb over the scope's book, its answer, and what is told of
// it. The tables and a ledger in memory run the same ones.
import { add, formatCredits, formatMicroCredits, ZERO } from '../amounts/micro-credits.js';
import type { Outcome } from '../failures/refusal.js';
import { accept } from '../failures/refusal.js';
import type { JobPosting } from '../jobs/facts.js';
import { scopePosting } from '../jobs/facts.js';
import type { Instant } from '../time/instant.js';
import { instantToText } from '../time/instant.js';
import { Book } from './book.js';
import type { ScopeEvent } from './events.js';
import type { LotPart } from './hold-verbs.js';
import type { GrantOrder } from './lot-verbs.js';
import { clawBack, endAll, expire, grant } from './lot-verbs.js';
import type { ScopeSnapshot } from './scope.js';

export interface LotGround {
  readonly snapshot: ScopeSnapshot;
  readonly at: Instant;
}

export interface GrantResult {
  readonly lotId: string;
  /** Micro-credits that went to an earlier debt at once. */
  readonly debtPaid: string;
}

export interface ExpireResult {
  readonly lapsed: readonly { readonly lotId: string; readonly amount: string }[];
}

export interface ClawBackResult {
  readonly takenBack: string;
  readonly debt: string;
}

export function postGrant({ snapshot, at }: LotGround, order: GrantOrder): Outcome<JobPosting<GrantResult>> {
  const book = new Book(snapshot, at);
  const granted = grant(book, order);
  if (!granted.ok) return granted;
  const { debtPaid } = granted.value;
  const { lotId, kind, amount, validFrom, expiresAt } = order;
  return told(book, { lotId, debtPaid: formatMicroCredits(debtPaid) }, [
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
  const event: ScopeEvent = {
    type: 'credits.lapsed',
    job_id: null,
    amount: formatCredits(add(ZERO, ...lapsed.map((part) => part.amount))),
    available: formatCredits(book.availableToAll),
  };
  const result = { lapsed: lapsed.map(({ lotId, amount }) => ({ lotId, amount: formatMicroCredits(amount) })) };
  return told(book, result, lapsed.length === 0 ? [] : [event]);
}

export function postClawBack({ snapshot, at }: LotGround, lotId: string): Outcome<JobPosting<ClawBackResult>> {
  const book = new Book(snapshot, at);
  const taken = clawBack(book, lotId);
  if (!taken.ok) return taken;
  const { takenBack, debt } = taken.value;
  return told(book, { takenBack: formatMicroCredits(takenBack), debt: formatMicroCredits(debt) }, [
    {
      type: 'credits.taken_back',
      job_id: null,
      lot_id: lotId,
      amount: formatCredits(takenBack),
      debt: formatCredits(debt),
      available: formatCredits(book.availableToAll),
    },
  ]);
}

function told<R>(book: Book, result: R, events: readonly ScopeEvent[]): Outcome<JobPosting<R>> {
  return accept(scopePosting({ result, events, changes: book.changes() }));
}
