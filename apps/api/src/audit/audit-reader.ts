// API room. Reads an account's audit, page by page. Nothing here writes.
import { TenantDatabase } from '@fairmeter/platform/database';
import { readAudit } from '@fairmeter/records';
import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { Caller } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import { badCursor, readCursor, writeCursor } from '../requests/cursor.js';
import { pageSize } from '../requests/page.js';
import type { AuditAnswer, auditQuery } from './audit-body.js';

const AUDIT = 'audit';

@Injectable()
export class AuditReader {
  constructor(private readonly database: TenantDatabase) {}

  async lines(caller: Caller, query: z.output<typeof auditQuery>): Promise<AuditAnswer> {
    const before = query.cursor === undefined ? null : lastSeen(query.cursor);
    const limit = pageSize(query.limit);
    const { action, target_id: targetId } = query;
    const all = await this.database.asTenant(tenantOf(caller), async (tx) =>
      readAudit(tx, { accountId: caller.accountId, before, limit: limit + 1, action, targetId }),
    );
    const lines = all.slice(0, limit);
    const last = lines.at(-1);
    return { lines, nextCursor: all.length > limit && last !== undefined ? writeCursor(AUDIT, [last.id]) : null };
  }
}

function lastSeen(cursor: string): string {
  const [id] = readCursor(AUDIT, cursor);
  if (id === undefined) throw badCursor();
  return id;
}
