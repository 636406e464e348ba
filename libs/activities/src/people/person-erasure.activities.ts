// Activities room. Forgetting a person, step by step: each a short transaction that may be done again.
import type { OpenWork, PersonErasureActivities, PersonErasureInput } from '@fairmeter/contracts';
import { forgetRequests } from '@fairmeter/ledger';
import { readOpenJobsOf } from '@fairmeter/ledger/reads';
import type { EntityDatabase } from '@fairmeter/platform/database';
import {
  accountsEverOf,
  accountsOfStaffWords,
  endLeftOpen,
  eraseWords,
  forgetIdentity,
  forgetNamesWithoutOwner,
  lastOwnedBy,
  leaveAll,
  markPersonErased,
  staffSubject,
  waitForDisk,
  writeAudit,
} from '@fairmeter/records';

export class PersonErasureActivitiesOverRecords implements PersonErasureActivities {
  constructor(private readonly entities: EntityDatabase) {}

  async leaveAccounts({ userId, requestId }: PersonErasureInput): Promise<{ readonly lastOwnerOf: string[] }> {
    return this.entities.transaction(async (tx) => {
      await waitForDisk(tx);
      const lastOwnerOf = await lastOwnedBy(tx, userId);
      if (lastOwnerOf.length > 0) return { lastOwnerOf };
      const left = await leaveAll(tx, userId);
      const ended = await endLeftOpen(tx, userId, await accountsEverOf(tx, userId));
      for (const { accountId, role } of left) {
        const actor = { role, id: userId };
        const line = { accountId, actor, targetId: userId, before: { role }, after: null, requestId };
        await writeAudit(tx, { ...line, action: 'member.forgotten' });
      }
      for (const line of ended) {
        const role = left.find(({ accountId }) => accountId === line.accountId)?.role ?? 'owner';
        await writeAudit(tx, { ...line, actor: { role, id: userId }, requestId });
      }
      await forgetNamesWithoutOwner(
        tx,
        left.map(({ accountId }) => accountId),
      );
      await forgetIdentity(tx, userId);
      return { lastOwnerOf };
    });
  }

  async openWorkOfPerson({ userId }: PersonErasureInput): Promise<OpenWork> {
    const open = await readOpenJobsOf(this.entities.manager, userId);
    return { workflowIds: open.map(({ workflowId }) => workflowId) };
  }

  async eraseWordsOfPerson({ userId }: PersonErasureInput): Promise<boolean> {
    const { manager } = this.entities;
    // Committed before anything is deleted, as with visitors.
    await markPersonErased(manager, userId);
    const own = { subject: userId, accountIds: await accountsEverOf(manager, userId) };
    const asStaff = { subject: staffSubject(userId), accountIds: await accountsOfStaffWords(manager, userId) };
    const erased = [await eraseWords(manager, own), await eraseWords(manager, asStaff)];
    if (erased.includes(true)) return true;
    // Rewrites every job of the person that has ended: once in a pass, and so not on each turn of it.
    await forgetRequests(manager, userId);
    return false;
  }
}
