// Records room. Which plans a bot sells to its visitors. None, until its owner opts one in; at the price of the plan.
import type { Instant, PlanVersion } from '@fairmeter/domain';
import { plansInForce } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import { listPlans } from './plans.js';

/** Those that can be opted in: every visitors' plan in force, but for custom ones. */
export async function readPlansForBots(tx: EntityManager, at: Instant): Promise<PlanVersion[]> {
  return plansInForce(await listPlans(tx), at).filter(({ scope, custom }) => scope === 'end_user' && !custom);
}

/** As its owner set it, also while the bot sells nothing. */
export async function listPlansOfBot(tx: EntityManager, botId: string): Promise<string[]> {
  return planIds(tx, 'SELECT plan_id FROM records.bot_plans WHERE bot_id = $1 ORDER BY plan_id', botId);
}

/** What visitors may subscribe to, the smallest first; nothing at a bot that is archived, private or sells direct. */
export async function readPlansOfBot(tx: EntityManager, botId: string, at: Instant): Promise<PlanVersion[]> {
  const sql = 'SELECT plan_id FROM records.bot_plans WHERE bot_id = $1 AND records.is_sold_for(bot_id)';
  const sold = await planIds(tx, sql, botId);
  if (sold.length === 0) return [];
  return (await readPlansForBots(tx, at)).filter(({ planId }) => sold.includes(planId));
}

/** The plan in the version that a subscription would begin with; null where the bot does not sell it. */
export async function findPlanOfBot(
  tx: EntityManager,
  { botId, planId }: { readonly botId: string; readonly planId: string },
  at: Instant,
): Promise<PlanVersion | null> {
  return (await readPlansOfBot(tx, botId, at)).find((plan) => plan.planId === planId) ?? null;
}

/** These and no others, from now on. Who has subscribed to another one before keeps it. */
export async function setPlansOfBot(tx: EntityManager, botId: string, plans: readonly string[]): Promise<void> {
  await tx.query('DELETE FROM records.bot_plans WHERE bot_id = $1 AND plan_id <> ALL ($2)', [botId, plans]);
  await tx.query(
    'INSERT INTO records.bot_plans (bot_id, plan_id) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING',
    [botId, plans],
  );
}

async function planIds(tx: EntityManager, sql: string, botId: string): Promise<string[]> {
  return (await tx.query<{ plan_id: string }[]>(sql, [botId])).map(({ plan_id: id }) => id);
}
