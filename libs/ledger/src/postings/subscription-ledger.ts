// Ledger room. What is told of a subscription, numbered among everything else that happened in its scope. Each once, by
// the name that its workflow gives it.
import type { Instant, SubscriptionNewsOrder, SubscriptionNewsResult } from '@fairmeter/domain';
import { instantToText, postSubscriptionNews } from '@fairmeter/domain';
import type { LedgerStore } from '../store/ledger-store.js';
import type { PostOutcome } from '../store/post.js';
import type { ScopeOwner } from './lot-ledger.js';

export class SubscriptionLedger {
  constructor(private readonly store: LedgerStore) {}

  async tell(
    owner: ScopeOwner,
    asOf: Instant,
    { tellKey, ...order }: SubscriptionNewsOrder & { readonly tellKey: string },
  ): Promise<PostOutcome<SubscriptionNewsResult>> {
    return this.store.post<SubscriptionNewsResult>({
      ...owner,
      key: `${owner.scopeId}:told:${tellKey}`,
      verb: 'subscription.tell',
      body: { news: order.news, since: instantToText(order.since) },
      asOf,
      load: { openScope: true },
      decide: (ground) => postSubscriptionNews(ground, order),
    });
  }
}
