// API room. The account that somebody of the staff names: they look into it as themselves, with its own readers.
import { TenantDatabase } from '@fairmeter/platform/database';
import { readAccount } from '@fairmeter/records';
import { Injectable } from '@nestjs/common';
import type { StaffCaller, StaffViewer } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import { ProblemError } from '../problems/problem-error.js';
import { accountIdField } from '../requests/fields.js';

@Injectable()
export class NamedAccounts {
  constructor(private readonly database: TenantDatabase) {}

  async viewerIn(staff: StaffCaller, accountId: string): Promise<StaffViewer> {
    const viewer = { ...staff, accountId };
    if (!accountIdField.safeParse(accountId).success || !(await this.isThere(viewer))) {
      throw new ProblemError('account_not_found', 'There is no such account.');
    }
    return viewer;
  }

  private async isThere(viewer: StaffViewer): Promise<boolean> {
    const read = this.database.asTenant(tenantOf(viewer), async (tx) => readAccount(tx, viewer.accountId));
    return (await read) !== null;
  }
}
