// API room. Reads an account's audit, page by page, and for staff that of all accounts and of none. It writes nothing.
import { TenantDatabase } from '@fairmeter/platform/database';
import type { AuditLine, StaffAuditLine } from '@fairmeter/records';
import { OF_NO_ACCOUNT, readAudit, readAuditForStaff } from '@fairmeter/records';
import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { Caller, StaffCaller } from '../callers/caller.js';
import { inNoAccount, tenantOf } from '../callers/caller.js';
import type { PageOf } from '../requests/newest-first.js';
import { newestFirst } from '../requests/newest-first.js';
import type { auditQuery, staffAuditQuery } from './audit-body.js';
import { OF_NONE } from './audit-body.js';

const AUDIT = 'audit';
const STAFF_AUDIT = 'staff-audit';

@Injectable()
export class AuditReader {
  constructor(private readonly database: TenantDatabase) {}

  async lines(caller: Caller, query: z.output<typeof auditQuery>): Promise<PageOf<AuditLine>> {
    const { accountId } = caller;
    const { action, target_id: targetId } = query;
    return newestFirst(AUDIT, query, async (page) =>
      this.database.asTenant(tenantOf(caller), async (tx) => readAudit(tx, { accountId, action, targetId, ...page })),
    );
  }

  async ofAll(staff: StaffCaller, query: z.output<typeof staffAuditQuery>): Promise<PageOf<StaffAuditLine>> {
    const { account_id: asked, actor_id: actorId, action, target_id: targetId } = query;
    const accountId = asked === OF_NONE ? OF_NO_ACCOUNT : asked;
    return newestFirst(STAFF_AUDIT, query, async (page) =>
      this.database.asTenant(inNoAccount(staff), async (tx) =>
        readAuditForStaff(tx, { accountId, actorId, action, targetId, ...page }),
      ),
    );
  }
}
