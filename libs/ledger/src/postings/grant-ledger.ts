// Ledger room. Grants: a new lot, once per kind and source.
import type { GrantOrder, Instant, JobPosting, Outcome } from '@fairmeter/domain';
import { accept, accountScope, Book, formatMicroCredits, grant } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import type { LedgerStore } from '../store/ledger-store.js';
import type { Ground, PostOutcome } from '../store/post.js';

export interface GrantResult {
  readonly lotId: string;
}

export class GrantLedger {
  constructor(private readonly store: LedgerStore) {}

  async grantToAccount(
    accountId: string,
    asOf: Instant,
    order: Omit<GrantOrder, 'lotId'>,
  ): Promise<PostOutcome<GrantResult>> {
    const scopeId = accountScope(accountId);
    const lotId = newId('lot');
    return this.store.post<GrantResult>({
      key: `${scopeId}:grant:${order.kind}:${order.sourceRef}`,
      verb: 'grant',
      body: { amount: formatMicroCredits(order.amount), expiresAt: order.expiresAt },
      scopeId,
      accountId,
      asOf,
      load: { openScope: true, sourceRef: order.sourceRef },
      decide: (ground) => decideGrant(ground, { ...order, lotId }),
    });
  }
}

function decideGrant(ground: Ground, order: GrantOrder): Outcome<JobPosting<GrantResult>> {
  const book = new Book(ground.snapshot, ground.at);
  const granted = grant(book, order);
  if (!granted.ok) return granted;
  return accept({
    result: granted.value,
    changes: book.changes(),
    job: null,
    steps: [],
    attempts: [],
    events: [],
  });
}
