// Activities room. A plan that does not have the model which a bot uses by default: the bot falls back to one that the
// plan has, and its owner is told (edge 39). A job that runs ends on the model it has.
import type { AccountStatus, Instant, PlanRef } from '@fairmeter/domain';
import { fallbackModel } from '@fairmeter/domain';
import type { EntityManager } from '@fairmeter/platform/database';
import {
  announce,
  changeBot,
  currentRateCardId,
  lockBotsOf,
  readPlanOfAccount,
  readRateCard,
  savePlanOfAccount,
} from '@fairmeter/records';

export interface AccountPlan {
  readonly accountId: string;
  readonly plan: PlanRef;
  readonly status: AccountStatus;
}

/**
 * What admissions go by, and the bots' models with it. Done again it finds nothing to do: whoever fell back has a model
 * that the plan has. The account is locked before its bots, as by every request that changes one of them.
 */
export async function bringToPlan(
  tx: EntityManager,
  { accountId, ...stands }: AccountPlan,
  at: Instant,
): Promise<void> {
  await savePlanOfAccount(tx, accountId, stands);
  const bots = await lockBotsOf(tx, accountId);
  const plan = await readPlanOfAccount(tx, accountId);
  const cardId = await currentRateCardId(tx, at);
  if (plan === null || cardId === null) return;
  const rateCard = await readRateCard(tx, cardId);
  const withdrawn = bots.flatMap((bot) => {
    const fallback = fallbackModel(bot, { plan, rateCard });
    return fallback === null ? [] : [{ bot, fallback }];
  });
  for (const { bot, fallback } of withdrawn) await changeBot(tx, { ...bot, defaultModel: fallback });
  for (const { bot, fallback } of withdrawn) {
    await announce(tx, {
      accountId,
      visitor: null,
      type: 'bot.model_withdrawn',
      about: bot.id,
      facts: { bot_id: bot.id, model: bot.defaultModel, default_model: fallback, plan: plan.name },
      mailTo: { to: 'owner' },
    });
  }
}
