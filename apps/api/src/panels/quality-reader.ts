// API room. Reads what the quality panel of a bot shows, with the same reads as bot page, account page and usage, so
// that they say the same. Nothing here writes.
import type { BotHint, Environment, Funding, Instant, LimitedByOwner, MicroCredits } from '@fairmeter/domain';
import { add, artefactsRefusedBy, botHints, instant, measureBot, netOf, usualProgram, ZERO } from '@fairmeter/domain';
import type { CreditsView } from '@fairmeter/ledger/reads';
import { readBotJobs } from '@fairmeter/ledger/reads';
import type { Clock } from '@fairmeter/platform';
import type { EntityManager } from '@fairmeter/platform/database';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { ArtefactView, BotView } from '@fairmeter/records';
import { findArtefact, findBot, readPlanOfAccount } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import { AccountReader } from '../account/account-reader.js';
import { found } from '../bots/bot-desk.js';
import type { Caller } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import { environmentShown } from '../callers/environment.js';
import { API_CLOCK } from '../tokens.js';
import { UsageReader } from '../usage/usage-reader.js';

export interface QualityAnswer {
  readonly bot: BotView;
  readonly view: CreditsView;
  /** By the owner, in the last 30 days. */
  readonly spent: MicroCredits;
  readonly artefact: DownloadState;
  readonly hints: readonly BotHint[];
}

interface DownloadState {
  readonly offBy: LimitedByOwner | 'program' | null;
  readonly latest: ArtefactView | null;
}

/** Who looks for a ZIP that is older than so many jobs finds it in the list of jobs. */
const JOBS_LOOKED_BACK = 200;
/** Paid from credits of visitors, and of nobody else. */
const BY_VISITORS: Funding = 'end_user';

@Injectable()
export class QualityReader {
  constructor(
    private readonly database: TenantDatabase,
    private readonly account: AccountReader,
    private readonly usage: UsageReader,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  async quality(caller: Caller, botId: string, asked: Environment | undefined): Promise<QualityAnswer> {
    const now = instant(this.clock.now());
    const environment = environmentShown(caller, asked);
    const { bot, artefact } = await this.database.asTenant(tenantOf(caller), async (tx) => {
      const bot = found(await findBot(tx, botId));
      return { bot, artefact: await downloadOf(tx, bot, { now, environment }) };
    });
    const view = await this.account.credits(caller, { environment });
    const { view: used } = await this.usage.usage(caller, { environment, bot_id: botId, group_by: ['funding'] });
    const byOwner = used.rows.filter(({ keys: [funding] }) => funding !== BY_VISITORS);
    const spent = add(ZERO, ...byOwner.map(netOf));
    const measured = measureBot({ ...bot, ...used.total, spent, available: view.available });
    return { bot, view, spent, artefact, hints: botHints(measured) };
  }
}

interface Looked {
  readonly now: Instant;
  readonly environment: Environment;
}

async function downloadOf(tx: EntityManager, bot: BotView, looked: Looked): Promise<DownloadState> {
  const plan = await readPlanOfAccount(tx, bot.accountId);
  if (plan === null) throw new Error('an account has no plan');
  const packs = (bot.program ?? usualProgram(bot.type)) === 'workspace';
  return {
    offBy: packs ? artefactsRefusedBy(plan, bot.limits) : 'program',
    latest: await latestOf(tx, bot, looked),
  };
}

async function latestOf(
  tx: EntityManager,
  { accountId, id: botId }: BotView,
  { now, environment }: Looked,
): Promise<ArtefactView | null> {
  const stretch = { from: instant(0), to: instant(now + 1) };
  const jobs = await readBotJobs(tx, { accountId, botId, environment, ...stretch, limit: JOBS_LOOKED_BACK });
  const packed = jobs.find(({ packed: has }) => has);
  const artefact = packed === undefined ? null : await findArtefact(tx, packed.id);
  return artefact !== null && artefact.expiresAt > now ? artefact : null;
}
