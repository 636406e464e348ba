// Ledger room. The operations on lots: granted, ended, taken back. Each once, by its natural key.
import type { Book, GrantOrder, Instant, JobPosting, Outcome, ScopeEvent } from '@fairmeter/domain';
import {
  accept,
  accountScope,
  add,
  Book as OpenBook,
  clawBack,
  expire,
  formatCredits,
  formatMicroCredits,
  grant,
  instantToText,
  scopePosting,
  ZERO,
} from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import type { LedgerStore } from '../store/ledger-store.js';
import type { Ground, Post, PostOutcome } from '../store/post.js';

/** A payer: an account, or one end user at one bot under the account that owns the bot. */
export interface ScopeOwner {
  readonly scopeId: string;
  readonly accountId: string;
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

export class LotLedger {
  constructor(private readonly store: LedgerStore) {}

  async grantToAccount(
    accountId: string,
    asOf: Instant,
    order: Omit<GrantOrder, 'lotId'>,
  ): Promise<PostOutcome<GrantResult>> {
    return this.grant({ scopeId: accountScope(accountId), accountId }, asOf, order);
  }

  async grant(owner: ScopeOwner, asOf: Instant, order: Omit<GrantOrder, 'lotId'>): Promise<PostOutcome<GrantResult>> {
    const lotId = newId('lot');
    return this.store.post<GrantResult>({
      ...owner,
      key: `${owner.scopeId}:grant:${order.kind}:${order.sourceRef}`,
      verb: 'grant',
      body: { amount: formatMicroCredits(order.amount), expiresAt: order.expiresAt },
      asOf,
      load: { openScope: true, sourceRef: order.sourceRef },
      decide: inBook((book) => {
        const granted = grant(book, { ...order, lotId });
        if (!granted.ok) return granted;
        const { debtPaid } = granted.value;
        const { kind, amount, validFrom, expiresAt } = order;
        const event: ScopeEvent = {
          type: 'credits.granted',
          job_id: null,
          lot_id: lotId,
          kind,
          amount: formatCredits(amount),
          valid_from: instantToText(validFrom),
          expires_at: expiresAt === null ? null : instantToText(expiresAt),
          debt_paid: formatCredits(debtPaid),
          available: formatCredits(book.availableToAll),
        };
        return accept({ result: { lotId, debtPaid: formatMicroCredits(debtPaid) }, events: [event] });
      }),
    });
  }

  /** Books as lapsed what has ended by now. What is available does not change: reads compare ends by themselves. */
  async expire(owner: ScopeOwner, asOf: Instant): Promise<PostOutcome<ExpireResult>> {
    return this.store.post<ExpireResult>({
      ...owner,
      key: `${owner.scopeId}:expire:${instantToText(asOf)}`,
      verb: 'expire',
      body: {},
      asOf,
      load: { endedLots: true },
      decide: inBook((book) => {
        const expired = expire(book);
        if (!expired.ok) return expired;
        const { lapsed } = expired.value;
        const event: ScopeEvent = {
          type: 'credits.lapsed',
          job_id: null,
          amount: formatCredits(add(ZERO, ...lapsed.map((part) => part.amount))),
          available: formatCredits(book.availableToAll),
        };
        return accept({
          result: { lapsed: lapsed.map(({ lotId, amount }) => ({ lotId, amount: formatMicroCredits(amount) })) },
          events: lapsed.length === 0 ? [] : [event],
        });
      }),
    });
  }

  /** After a payment was reversed: once per lot, whoever reports it and however often. */
  async clawBack(owner: ScopeOwner, asOf: Instant, lotId: string): Promise<PostOutcome<ClawBackResult>> {
    return this.store.post<ClawBackResult>({
      ...owner,
      key: `${owner.scopeId}:clawback:${lotId}`,
      verb: 'clawback',
      body: { lotId },
      asOf,
      load: { lotIds: [lotId] },
      decide: inBook((book) => {
        const taken = clawBack(book, lotId);
        if (!taken.ok) return taken;
        const { takenBack, debt } = taken.value;
        const event: ScopeEvent = {
          type: 'credits.taken_back',
          job_id: null,
          lot_id: lotId,
          amount: formatCredits(takenBack),
          debt: formatCredits(debt),
          available: formatCredits(book.availableToAll),
        };
        return accept({
          result: { takenBack: formatMicroCredits(takenBack), debt: formatMicroCredits(debt) },
          events: [event],
        });
      }),
    });
  }
}

type InBook<R> = (book: Book) => Outcome<{ readonly result: R; readonly events: readonly ScopeEvent[] }>;

/** An operation that concerns no job: a verb over the scope's book, its answer, and what is told of it. */
function inBook<R extends object>(verb: InBook<R>): Post<R>['decide'] {
  return (ground: Ground): Outcome<JobPosting<R>> => {
    const book = new OpenBook(ground.snapshot, ground.at);
    const outcome = verb(book);
    if (!outcome.ok) return outcome;
    return accept(scopePosting({ ...outcome.value, changes: book.changes() }));
  };
}
