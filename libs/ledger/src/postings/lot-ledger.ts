// Ledger room. The operations on lots: granted, ended, taken back. Each once, by its natural key.
import type { ClawBackResult, ExpireResult, GrantOrder, GrantResult, Instant } from '@fairmeter/domain';
import {
  accountScope,
  formatMicroCredits,
  instantToText,
  postClawBack,
  postEnding,
  postExpiry,
  postGrant,
} from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import type { LedgerStore } from '../store/ledger-store.js';
import type { PostOutcome } from '../store/post.js';

/** A payer: an account, or one end user at one bot under the account that owns the bot. */
export interface ScopeOwner {
  readonly scopeId: string;
  readonly accountId: string;
}

export interface EndingOrder {
  readonly owner: ScopeOwner;
  readonly endKey: string;
  readonly asOf: Instant;
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
      body: { amount: formatMicroCredits(order.amount), validFrom: order.validFrom, expiresAt: order.expiresAt },
      asOf,
      load: { openScope: true, sourceRef: order.sourceRef },
      decide: (ground) => postGrant(ground, { ...order, lotId }),
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
      load: { openScope: true, endedLots: true },
      decide: postExpiry,
    });
  }

  /** Everything this payer has left ends: nobody is there any more to use it. Once by its key. */
  async endAll({ owner, endKey, asOf }: EndingOrder): Promise<PostOutcome<ExpireResult>> {
    return this.store.post<ExpireResult>({
      ...owner,
      key: `${owner.scopeId}:end:${endKey}`,
      verb: 'end',
      body: {},
      asOf,
      load: { openScope: true, endedLots: true },
      decide: postEnding,
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
      decide: (ground) => postClawBack(ground, lotId),
    });
  }
}
