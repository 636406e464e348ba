// API room. What a bot offers to its visitors. Packs are on offer once they are made; plans once their owner opts in.
import type { Clock } from '@fairmeter/platform';
import { instant } from '@fairmeter/domain';
import type { EntityManager } from '@fairmeter/platform/database';
import { TenantDatabase } from '@fairmeter/platform/database';
import {
  findBot,
  listPacksOfBot,
  listPlansOfBot,
  lockBot,
  readFunding,
  readPlansForBots,
  setPlansOfBot,
} from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import type { Asked } from '../changes/changes.js';
import { Changes, note } from '../changes/changes.js';
import { validationFailed } from '../problems/problem-error.js';
import { refusalProblem } from '../problems/refusal-problem.js';
import { API_CLOCK } from '../tokens.js';
import { found } from './bot-desk.js';
import type { BotOffersBody, SetBotOffers } from './bot-offers-body.js';
import { toBotOffersBody } from './bot-offers-body.js';

@Injectable()
export class BotOffersDesk {
  constructor(
    private readonly changes: Changes,
    private readonly database: TenantDatabase,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  async offers(caller: Caller, botId: string): Promise<BotOffersBody> {
    return this.database.asTenant(tenantOf(caller), async (tx) => this.read(tx, caller, botId));
  }

  /** Those that are named and no others; the same again changes nothing. */
  async set(asked: Asked, botId: string, { plans }: SetBotOffers): Promise<BotOffersBody> {
    return this.changes.make(asked, async (changing) => {
      const { tx, caller, now } = changing;
      const bot = found(await lockBot(tx, botId));
      if (bot.archivedAt !== null) throw refusalProblem({ code: 'bot_archived' }, 0);
      const known = (await readPlansForBots(tx, now)).map(({ planId }) => planId);
      const unknown = plans.findIndex((planId) => !known.includes(planId));
      if (unknown !== -1) {
        const message = 'must be a plan of `GET /v1/plans?scope=end_user`';
        throw validationFailed([{ pointer: `/plans/${unknown}`, message }]);
      }
      const before = await listPlansOfBot(tx, botId);
      const after = [...plans].sort();
      if (before.join() !== after.join()) {
        await setPlansOfBot(tx, botId, after);
        const line = { before: { plans: before }, after: { plans: after } };
        await note(changing, { action: 'bot.plans_offered', targetId: botId, ...line });
      }
      return this.read(tx, caller, botId);
    });
  }

  private async read(tx: EntityManager, { accountId }: Caller, botId: string): Promise<BotOffersBody> {
    found(await findBot(tx, botId));
    const funding = found(await readFunding(tx, accountId, botId));
    const chosen = await listPlansOfBot(tx, botId);
    const plans = (await readPlansForBots(tx, instant(this.clock.now()))).filter(({ planId }) =>
      chosen.includes(planId),
    );
    const packs = await listPacksOfBot(tx, botId);
    return toBotOffersBody({ botId, isActive: funding.salesMode === 'platform_sells', packs, plans });
  }
}
