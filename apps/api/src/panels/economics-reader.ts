// API room. Reads what a bot's jobs cost and what they were asked and told, in one snapshot. Nothing here writes.
import type { Economics, Instant } from '@fairmeter/domain';
import { economicsOf, instant } from '@fairmeter/domain';
import { readBotJobs } from '@fairmeter/ledger/reads';
import type { Clock } from '@fairmeter/platform';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { BotView } from '@fairmeter/records';
import { findBot, readAskedHashes, readJobVersions } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { found } from '../bots/bot-desk.js';
import type { Caller } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import { environmentShown } from '../callers/environment.js';
import { validationFailed } from '../problems/problem-error.js';
import { API_CLOCK } from '../tokens.js';
import type { economicsQuery } from './economics-query.js';

export interface EconomicsAnswer {
  readonly bot: BotView;
  readonly from: Instant;
  readonly to: Instant;
  readonly complete: boolean;
  readonly economics: Economics;
}

/** More say nothing else about a bot, and would take their time. */
const MOST_JOBS = 2_000;
const USUAL_DAYS = 90;
const DAY_MS = 86_400_000;

@Injectable()
export class EconomicsReader {
  constructor(
    private readonly database: TenantDatabase,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  async economics(caller: Caller, botId: string, query: z.output<typeof economicsQuery>): Promise<EconomicsAnswer> {
    const { to = instant(this.clock.now() + 1) } = query;
    const { from = instant(Math.max(0, to - USUAL_DAYS * DAY_MS)) } = query;
    if (from >= to) throw validationFailed([{ parameter: 'from', message: 'must be before `to`' }]);
    return this.database.asTenant(tenantOf(caller), async (tx) => {
      const bot = found(await findBot(tx, botId));
      const { accountId } = caller;
      const environment = environmentShown(caller, query.environment);
      const asked = { accountId, botId, environment, from, to, limit: MOST_JOBS + 1 };
      const all = await readBotJobs(tx, asked);
      const jobs = all.slice(0, MOST_JOBS);
      const hashes = await readAskedHashes(
        tx,
        jobs.map(({ promptRef }) => promptRef),
      );
      const versions = await readJobVersions(
        tx,
        jobs.map(({ id }) => id),
      );
      const told = jobs.map((job) => ({
        ...job,
        asked: hashes.get(job.promptRef) ?? null,
        versions: versions.get(job.id) ?? null,
      }));
      return { bot, from, to, complete: all.length <= MOST_JOBS, economics: economicsOf(told, bot.guide) };
    });
  }
}
