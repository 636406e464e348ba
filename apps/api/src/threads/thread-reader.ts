// API room. Reads a thread for whoever takes part in it, for whoever answers for it, and for support. A thread of
// somebody else and one that never was are the same answer.
import { trendOf } from '@fairmeter/domain';
import type { ThreadAsked } from '@fairmeter/ledger/reads';
import { readThreadJobs, readThreadTotals } from '@fairmeter/ledger/reads';
import type { EntityManager, Tenant } from '@fairmeter/platform/database';
import { TenantDatabase } from '@fairmeter/platform/database';
import { readBotIds } from '@fairmeter/records';
import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { Caller, StaffCaller } from '../callers/caller.js';
import { tenantOf, tenantOfStaff } from '../callers/caller.js';
import { environmentOfJobs } from '../callers/environment.js';
import { personShown } from '../callers/own-jobs.js';
import { ProblemError } from '../problems/problem-error.js';
import { newestFirst } from '../requests/newest-first.js';
import type { ThreadAnswer, threadQuery, ThreadPageAnswer, threadUsageQuery } from './thread-body.js';

type Asked = z.output<typeof threadUsageQuery>;

/** Whose eyes see it: what a transaction shows, at which bots, and whose requests alone. */
interface Eyes {
  readonly tenant: Tenant;
  readonly accountId: string;
  readonly botId: string | null;
  readonly somebody: ThreadAsked['somebody'];
  readonly environment: ThreadAsked['environment'];
}

const THREAD = 'thread';

@Injectable()
export class ThreadReader {
  constructor(private readonly database: TenantDatabase) {}

  async page(eyes: Eyes, threadId: string, query: z.output<typeof threadQuery>): Promise<ThreadPageAnswer> {
    return this.database.asTenant(eyes.tenant, async (tx) => {
      const asked = await askedOf(tx, eyes, { threadId, botId: query.bot_id });
      const totals = await readThreadTotals(tx, asked);
      if (totals.length === 0) throw noSuchThread();
      const { rows, nextCursor } = await newestFirst(THREAD, query, async (page) => readThreadJobs(tx, asked, page));
      return { threadId, totals, jobs: rows, trend: trendOf([...rows].reverse()), nextCursor };
    });
  }

  async usage(eyes: Eyes, threadId: string, query: Asked): Promise<ThreadAnswer> {
    return this.database.asTenant(eyes.tenant, async (tx) => {
      const totals = await readThreadTotals(tx, await askedOf(tx, eyes, { threadId, botId: query.bot_id }));
      if (totals.length === 0) throw noSuchThread();
      return { threadId, totals };
    });
  }
}

export function eyesOf(caller: Caller, asked: Asked): Eyes {
  const person = personShown(caller);
  const visitor = caller.kind === 'visitor' ? { kind: 'visitor' as const, id: caller.visitorId } : null;
  return {
    tenant: tenantOf(caller),
    accountId: caller.accountId,
    botId: caller.kind === 'bot' || caller.kind === 'visitor' ? caller.botId : null,
    somebody: person === undefined ? visitor : { kind: 'person', id: person },
    environment: environmentOfJobs(caller, asked.environment),
  };
}

export function eyesOfStaff(staff: StaffCaller, accountId: string, { environment = 'live' }: Asked): Eyes {
  return { tenant: tenantOfStaff(staff, accountId), accountId, botId: null, somebody: null, environment };
}

interface Named {
  readonly threadId: string;
  readonly botId: string | undefined;
}

async function askedOf(tx: EntityManager, eyes: Eyes, { threadId, botId }: Named): Promise<ThreadAsked> {
  const { somebody, environment } = eyes;
  const seen = eyes.botId === null ? await readBotIds(tx, eyes.accountId) : [eyes.botId];
  return { threadId, botIds: seen.filter((id) => botId === undefined || id === botId), somebody, environment };
}

function noSuchThread(): ProblemError {
  return new ProblemError('thread_not_found', 'There is no such thread.');
}
