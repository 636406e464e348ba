// Ledger room. The operations on lots: granted, ended, taken back. Each once, by its natural key.
import type { Book, GrantOrder, Instant, JobPosting, Outcome } from '@fairmeter/domain';
import {
  accept,
  accountScope,
  Book as OpenBook,
  clawBack,
  expire,
  formatMicroCredits,
  grant,
  instantToText,
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
        return accept({ lotId, debtPaid: formatMicroCredits(granted.value.debtPaid) });
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
        const lapsed = expired.value.lapsed.map(({ lotId, amount }) => ({ lotId, amount: formatMicroCredits(amount) }));
        return accept({ lapsed });
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
        return accept({ takenBack: formatMicroCredits(takenBack), debt: formatMicroCredits(debt) });
      }),
    });
  }
}

/** An operation that concerns no job: a verb over the scope's book and its answer. */
function inBook<R extends object>(verb: (book: Book) => Outcome<R>): Post<R>['decide'] {
  return (ground: Ground): Outcome<JobPosting<R>> => {
    const book = new OpenBook(ground.snapshot, ground.at);
    const outcome = verb(book);
    if (!outcome.ok) return outcome;
    return accept({ result: outcome.value, changes: book.changes(), job: null, steps: [], attempts: [], events: [] });
  };
}
