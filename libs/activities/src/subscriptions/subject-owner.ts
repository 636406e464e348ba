// Activities room. Whose lots a subscription's are.
import type { SubscriptionSubject } from '@fairmeter/domain';
import { accountScope, endUserScope } from '@fairmeter/domain';
import type { ScopeOwner } from '@fairmeter/ledger';
import type { EntityManager } from '@fairmeter/platform/database';
import { readAccountOfBot } from '@fairmeter/records';

/** A bot may have moved to another account since, and its visitors' credits with it. */
export async function ownerOf(tx: EntityManager, subject: SubscriptionSubject): Promise<ScopeOwner> {
  const { accountId } = subject;
  if (subject.kind === 'account') return { scopeId: accountScope(accountId), accountId };
  const { botId, visitorId } = subject;
  const owner = await readAccountOfBot(tx, botId);
  return { scopeId: endUserScope(botId, visitorId), accountId: owner ?? accountId };
}
