// API room. Reads grants: for their account what it was given, for staff what all of them asked for.
import type { Instant } from '@fairmeter/domain';
import { accountScope, instant } from '@fairmeter/domain';
import { readPresent } from '@fairmeter/ledger/reads';
import type { Clock } from '@fairmeter/platform';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { GrantRecord, StaffGrant } from '@fairmeter/records';
import { findGrantForStaff, readGrants, readGrantsForStaff } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { Caller, StaffCaller } from '../callers/caller.js';
import { inNoAccount, tenantOf } from '../callers/caller.js';
import { admitLive } from '../callers/environment.js';
import { ProblemError } from '../problems/problem-error.js';
import type { PageOf } from '../requests/newest-first.js';
import { newestFirst } from '../requests/newest-first.js';
import { API_CLOCK } from '../tokens.js';
import type { grantsQuery, staffGrantsQuery } from './grant-body.js';

const GRANTS = 'grants';

@Injectable()
export class GrantReader {
  constructor(
    private readonly database: TenantDatabase,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  /** With the instant by which an end has come or not: that of the account's credits. */
  async ofAccount(
    caller: Caller,
    query: z.output<typeof grantsQuery>,
  ): Promise<PageOf<GrantRecord> & { readonly at: Instant }> {
    admitLive(caller);
    const { accountId } = caller;
    const { kind = null } = query;
    return this.database.asTenant(tenantOf(caller), async (tx) => {
      const { at } = await readPresent(tx, accountScope(accountId), instant(this.clock.now()));
      return {
        at,
        ...(await newestFirst(GRANTS, query, async (page) => readGrants(tx, { accountId, kind, ...page }))),
      };
    });
  }

  async ofAll(staff: StaffCaller, query: z.output<typeof staffGrantsQuery>): Promise<PageOf<StaffGrant>> {
    const { state = null } = query;
    return newestFirst(GRANTS, query, async (page) =>
      this.database.asTenant(inNoAccount(staff), async (tx) => readGrantsForStaff(tx, { state, ...page })),
    );
  }

  async forStaff(staff: StaffCaller, grantId: string): Promise<StaffGrant> {
    const grant = await this.database.asTenant(inNoAccount(staff), async (tx) => findGrantForStaff(tx, grantId));
    if (grant === null) throw new ProblemError('grant_not_found', 'There is no such grant.');
    return grant;
  }
}
