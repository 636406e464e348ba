// Activities room. Accounts hear once of what an incident gave back to them, when all of it is posted.
import { formatCredits } from '@fairmeter/domain';
import type { EntityManager } from '@fairmeter/platform/database';
import type { CompensatedAccount, CompensationRecord } from '@fairmeter/records';
import { announce, findAccountsToTell } from '@fairmeter/records';

/** Each holds a lock of its own until the commit. */
const TOLD_AT_ONCE = 100;

const onceKeyOf = ({ id }: CompensationRecord): string => `compensation/${id}`;

/** Some of those that were not told yet. What people asked for of one job or thread is told by them. */
export async function accountsToTell(
  tx: EntityManager,
  compensation: CompensationRecord,
): Promise<{ readonly accounts: readonly CompensatedAccount[]; readonly areAll: boolean }> {
  const { id: compensationId, target } = compensation;
  if (target.kind !== 'incident') return { accounts: [], areAll: true };
  const asked = { compensationId, onceKey: onceKeyOf(compensation), limit: TOLD_AT_ONCE };
  const accounts = await findAccountsToTell(tx, asked);
  return { accounts, areAll: accounts.length < TOLD_AT_ONCE };
}

/** The last thing of its transaction. */
export async function tellAccounts(
  tx: EntityManager,
  compensation: CompensationRecord,
  accounts: readonly CompensatedAccount[],
): Promise<void> {
  const { id, target } = compensation;
  if (target.kind !== 'incident') return;
  const { incidentId } = target;
  for (const { accountId, posted } of accounts) {
    await announce(tx, {
      accountId,
      visitor: null,
      type: 'incident.compensated',
      about: incidentId,
      facts: { incident_id: incidentId, compensation_id: id, credits: formatCredits(posted) },
      onceKey: onceKeyOf(compensation),
      mailTo: { to: 'owner' },
    });
  }
}
