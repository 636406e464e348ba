// Ledger room. The operations on a scope's terms: its zone and daily allowance, and its limits. Whoever changes what
// someone pays comes from a workflow and brings the key that makes the change one.
import type { LimitChange, LimitsResult } from '@fairmeter/domain';
import { setLimits, type Instant } from '@fairmeter/domain';
import type { TermsOrder, TermsResult } from '@fairmeter/domain/time';
import { setTerms } from '@fairmeter/domain/time';
import type { LedgerStore } from '../store/ledger-store.js';
import type { PostOutcome } from '../store/post.js';
import type { ScopeOwner } from './lot-ledger.js';

export interface TermsPost<Order> {
  readonly owner: ScopeOwner;
  /** The caller's own name of this change. */
  readonly changeKey: string;
  readonly asOf: Instant;
  readonly order: Order;
}

export class TermsLedger {
  constructor(private readonly store: LedgerStore) {}

  /** The first terms open the scope and its first day; later ones let today's lot follow at once. */
  async setTerms({ owner, changeKey, asOf, order }: TermsPost<TermsOrder>): Promise<PostOutcome<TermsResult>> {
    return this.store.post<TermsResult>({
      ...owner,
      key: `${owner.scopeId}:terms:${changeKey}`,
      verb: 'terms.set',
      body: { zone: order.zone ?? null, dailyAllowance: order.dailyAllowance ?? null },
      asOf,
      load: { openScope: true, dailyLot: true },
      decide: (ground) => setTerms(ground, order),
    });
  }

  async setLimits({
    owner,
    changeKey,
    asOf,
    order,
  }: TermsPost<readonly LimitChange[]>): Promise<PostOutcome<LimitsResult>> {
    return this.store.post<LimitsResult>({
      ...owner,
      key: `${owner.scopeId}:limits:${changeKey}`,
      verb: 'limits.set',
      body: { limits: order.map((limit) => ({ ...limit })) },
      asOf,
      load: { openScope: true, limits: order },
      decide: (ground) => setLimits(ground, order),
    });
  }
}
