// API room. Whether the account's status allows what is asked for, and whether whoever asks, a person or a key, is
// still what the door took them for: the one place where changes ask both.
import type { AccountAct, Instant } from '@fairmeter/domain';
import { accountMay } from '@fairmeter/domain';
import type { EntityManager } from '@fairmeter/platform/database';
import type { AccountSettings } from '@fairmeter/records';
import { lockKeyLife, lockRole } from '@fairmeter/records';
import { alive } from '../callers/api-keys.js';
import type { Caller } from '../callers/caller.js';
import { isKey } from '../callers/caller.js';
import { toldRefusal } from '../jobs/told-refusal.js';
import { ProblemError } from '../problems/problem-error.js';
import { refusalProblem } from '../problems/refusal-problem.js';

/** The account as it was read, or the refusal as this caller hears it. */
export function admitAct(account: AccountSettings | null, caller: Caller, act: AccountAct): AccountSettings {
  if (account === null) throw new ProblemError('account_not_found', 'There is no such account.');
  const { status } = account;
  if (!accountMay(status, act)) throw toldRefusal({ code: 'account_not_active', status }, caller, 0);
  return account;
}

/**
 * The door looked before the change's transaction began; whoever was demoted or removed since then changes nothing, and
 * neither does a key that was revoked.
 */
export async function admitRole(tx: EntityManager, caller: Caller, now: Instant): Promise<void> {
  if (isKey(caller)) alive(await lockKeyLife(tx, caller.keyId), now);
  if (caller.kind !== 'person') return;
  const role = await lockRole(tx, caller.accountId, caller.userId);
  if (role !== caller.role) throw refusalProblem({ code: 'role_changed' }, 0);
}
