// API room. Reads compensations for staff: how one stands, all of them, and the jobs of one.
import type { EntityManager } from '@fairmeter/platform/database';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { CompensationJob, CompensationRecord } from '@fairmeter/records';
import {
  findCompensation,
  readCompensationJobs,
  readCompensations,
  readCompensationTotals,
  readTexts,
} from '@fairmeter/records';
import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { StaffCaller } from '../callers/caller.js';
import { inNoAccount } from '../callers/caller.js';
import { ProblemError } from '../problems/problem-error.js';
import { readCursor, writeCursor } from '../requests/cursor.js';
import type { PageOf } from '../requests/newest-first.js';
import { newestFirst } from '../requests/newest-first.js';
import { pageSize } from '../requests/page.js';
import type { compensationJobsQuery, compensationsQuery, ToldCompensation } from './compensation-body.js';

const COMPENSATIONS = 'compensations';
const COMPENSATION_JOBS = 'compensation_jobs';

@Injectable()
export class CompensationReader {
  constructor(private readonly database: TenantDatabase) {}

  async find(staff: StaffCaller, id: string): Promise<ToldCompensation> {
    return this.database.asTenant(inNoAccount(staff), async (tx) => {
      const record = await findCompensation(tx, id);
      if (record === null) throw noSuchCompensation();
      return tell(tx, record);
    });
  }

  async ofAll(
    staff: StaffCaller,
    query: z.output<typeof compensationsQuery>,
  ): Promise<{ readonly rows: readonly ToldCompensation[]; readonly nextCursor: string | null }> {
    const { state = null } = query;
    return this.database.asTenant(inNoAccount(staff), async (tx) => {
      const page = await newestFirst(COMPENSATIONS, query, async (asked) => readCompensations(tx, { state, ...asked }));
      const rows: ToldCompensation[] = [];
      for (const record of page.rows) rows.push(await tell(tx, record));
      return { rows, nextCursor: page.nextCursor };
    });
  }

  /** In the order in which they are posted: by their ids, the oldest first. */
  async jobs(
    staff: StaffCaller,
    compensationId: string,
    { limit, cursor, different }: z.output<typeof compensationJobsQuery>,
  ): Promise<PageOf<CompensationJob>> {
    const size = pageSize(limit);
    const [after = null] = cursor === undefined ? [] : readCursor(COMPENSATION_JOBS, cursor);
    return this.database.asTenant(inNoAccount(staff), async (tx) => {
      if ((await findCompensation(tx, compensationId)) === null) throw noSuchCompensation();
      const asked = { compensationId, onlyDifferent: different === true, after, limit: size + 1 };
      const found = await readCompensationJobs(tx, asked);
      const rows = found.slice(0, size);
      const last = rows.at(-1);
      const hasMore = found.length > size && last !== undefined;
      return { rows, nextCursor: hasMore ? writeCursor(COMPENSATION_JOBS, [last.jobId]) : null };
    });
  }
}

async function tell(tx: EntityManager, record: CompensationRecord): Promise<ToldCompensation> {
  const ref = record.asked?.reasonRef;
  const words = ref === undefined ? new Map<string, string>() : await readTexts(tx, [ref]);
  return {
    record,
    totals: await readCompensationTotals(tx, record.id),
    reason: ref === undefined ? null : (words.get(ref) ?? null),
  };
}

export function noSuchCompensation(): ProblemError {
  return new ProblemError('compensation_not_found', 'There is no such compensation.');
}
