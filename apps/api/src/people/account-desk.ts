// API room. The account as its people set it: its name, its end, and what is kept of each of them.
import { readOpenJobsOfAccount } from '@fairmeter/ledger/reads';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { AccountSettings } from '@fairmeter/records';
import { closeAccount, readAccount, readOwnSessions, readOwnTexts, renameAccount } from '@fairmeter/records';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import { People } from '../callers/people.js';
import { JobControl } from '../job-control/job-control.js';
import { ProblemError } from '../problems/problem-error.js';
import { readCursor, writeCursor } from '../requests/cursor.js';
import { pageSize } from '../requests/page.js';
import { SubscriptionEndings } from '../subscription/subscription-endings.js';
import { ZoneDesk } from '../subscription/zone-desk.js';
import type { KeptOfPerson } from './account-body.js';
import type { Asked } from '../changes/changes.js';
import { AccountChanges } from './account-changes.js';

/** A submit that saw the account open may have its job admitted while the first ones are being ended. */
const ROUNDS = 3;
const TEXTS = 'personal_data';

@Injectable()
export class AccountDesk {
  constructor(
    private readonly database: TenantDatabase,
    private readonly changes: AccountChanges,
    private readonly control: JobControl,
    private readonly people: People,
    private readonly zones: ZoneDesk,
    private readonly endings: SubscriptionEndings,
  ) {}

  async account(caller: Caller): Promise<AccountSettings> {
    const found = await this.database.asTenant(tenantOf(caller), async (tx) => readAccount(tx, caller.accountId));
    if (found === null) throw new ProblemError('account_not_found', 'There is no such account.');
    return found;
  }

  /** The zone first: it may be refused, and then nothing is changed. */
  async change(asked: Asked, wish: { readonly name?: string; readonly timeZone?: string }): Promise<AccountSettings> {
    if (wish.timeZone !== undefined) await this.zones.change(asked, wish.timeZone);
    if (wish.name !== undefined) await this.rename(asked, wish.name);
    return this.account(asked.caller);
  }

  /** A name is somebody's words: the audit says that it changed, and not from what to what. */
  private async rename(asked: Asked, name: string): Promise<void> {
    const { accountId } = asked.caller;
    await this.changes.make(asked, 'set_up', async ({ tx, account, note }) => {
      if (account.name === name) return;
      await renameAccount(tx, accountId, name);
      await note({ action: 'account.renamed', targetId: accountId, before: null, after: null });
    });
  }

  /**
   * First nothing new may begin, then what renews ends, and what runs is ended and settles by what it has used. Asked
   * again, it goes on where it stood. Answers with the number of jobs whose end is still to come.
   */
  async close(asked: Asked): Promise<number> {
    const { caller } = asked;
    const { accountId } = caller;
    const { status } = await this.account(caller);
    if (status !== 'closed') {
      await this.changes.make(asked, 'close', async ({ tx, account, note }) => {
        await closeAccount(tx, accountId);
        const [before, after] = [{ status: account.status }, { status: 'closed' }];
        await note({ action: 'account.closed', targetId: accountId, before, after });
      });
    }
    await this.endings.endAll(caller);
    for (let round = 0; round < ROUNDS; round += 1) {
      const open = await this.openJobs(caller);
      if (open.length === 0) return 0;
      await this.control.cancelAll(caller, open);
    }
    return (await this.openJobs(caller)).length;
  }

  async personalData(
    caller: Caller,
    page: { readonly limit?: number | undefined; readonly cursor?: string | undefined },
  ): Promise<KeptOfPerson> {
    const { subject } = tenantOf(caller);
    const before = page.cursor === undefined ? null : readCursor(TEXTS, page.cursor).join(':');
    const limit = pageSize(page.limit);
    const person = await this.people.again(subject);
    return this.database.asTenant(tenantOf(caller), async (tx) => {
      const { texts, hasMore } = await readOwnTexts(tx, subject, { before, limit });
      const last = texts.at(-1);
      return {
        person,
        sessions: await readOwnSessions(tx, subject),
        texts,
        nextCursor: hasMore && last !== undefined ? writeCursor(TEXTS, [last.id]) : null,
      };
    });
  }

  private async openJobs(caller: Caller): Promise<string[]> {
    return this.database.asTenant(tenantOf(caller), async (tx) => readOpenJobsOfAccount(tx, caller.accountId));
  }
}
