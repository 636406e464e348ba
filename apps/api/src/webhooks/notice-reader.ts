// API room. What an account was told, page by page. Nothing here writes.
import { TenantDatabase } from '@fairmeter/platform/database';
import type { Notice } from '@fairmeter/records';
import { readNotices } from '@fairmeter/records';
import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { Caller } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import { cursorNumber, readCursor, writeCursor } from '../requests/cursor.js';
import type { PageOf } from '../requests/newest-first.js';
import type { pageQuery } from '../requests/page.js';
import { pageSize } from '../requests/page.js';

const NOTICES = 'notices';

@Injectable()
export class NoticeReader {
  constructor(private readonly database: TenantDatabase) {}

  async notices(caller: Caller, query: z.output<typeof pageQuery>): Promise<PageOf<Notice>> {
    const before = query.cursor === undefined ? null : cursorNumber(readCursor(NOTICES, query.cursor)[0]);
    const limit = pageSize(query.limit);
    const { accountId } = caller;
    const all = await this.database.asTenant(tenantOf(caller), async (tx) =>
      readNotices(tx, { accountId, before, limit: limit + 1 }),
    );
    const rows = all.slice(0, limit);
    const last = rows.at(-1);
    const hasMore = all.length > limit && last !== undefined;
    return { rows, nextCursor: hasMore ? writeCursor(NOTICES, [last.seq.toString()]) : null };
  }
}
