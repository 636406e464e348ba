// Goal: a downgrade takes a model from the plan: the job that runs ends on it, the next one is refused, and bots fall
// back on another, once, with word to the owner. Method: the effect of a subscription on a database with shipped plans.
import { instant } from '@fairmeter/domain';
import { SubscriptionLedger } from '@fairmeter/ledger';
import { systemClock } from '@fairmeter/platform';
import { newId, withClient } from '@fairmeter/platform/database';
import { currentRateCardId, readBotForAdmission, readRateCard } from '@fairmeter/records';
import { expect, it } from '@jest/globals';
import type { LedgerDatabase } from '../../../../test/harness/ledger-database.js';
import { admitOrder, beginOrder, creditsOf, endOrder, wishFor } from '../../../../test/harness/orders.js';
import { allOnOneLedger } from '../../../../test/harness/own-account.js';
import { until } from '../../../../test/harness/until.js';
import { PaidLots } from '../subscription-payments/paid-lots.js';
import { SubscriptionEffects } from './subscription-effects.js';

let db: LedgerDatabase;
allOnOneLedger((opened) => {
  db = opened;
});

async function openAccount(models: readonly string[]): Promise<{ accountId: string; botIds: string[] }> {
  const { manager } = db.entities;
  const accountId = await db.account('100');
  await manager.query(
    `INSERT INTO records.accounts (id, name, status, time_zone, plan_id)
     VALUES ($1, 'Test', 'active', 'UTC', 'plan_premium')`,
    [accountId],
  );
  const botIds = models.map(() => newId('bot'));
  for (const [index, model] of models.entries()) {
    await manager.query(
      `INSERT INTO records.bots (id, account_id, type, name, default_model, default_max_iterations,
       default_max_credits) VALUES ($1, $2, 'coding', 'B', $3, 1, 20000000)`,
      [botIds[index], accountId, model],
    );
  }
  return { accountId, botIds };
}

async function comesTo(accountId: string, planId: string): Promise<void> {
  const { entities, grants: lots, terms, store } = db;
  const paidLots = new PaidLots({ lots, clock: systemClock });
  const effects = new SubscriptionEffects({ entities, lots, terms, paidLots, news: new SubscriptionLedger(store) });
  const subject = { kind: 'account', accountId } as const;
  const place = { subject, asOf: instant(Date.now()), stepKey: planId, place: 0 };
  await effects.do({ do: 'set_plan', plan: { planId, version: 1 }, state: 'active' }, place);
}

it('waits for an owner who changes a bot at the same moment, and neither waits for the other', async () => {
  const { accountId, botIds } = await openAccount(['demo-premium']);
  const { manager } = db.entities;
  const [coming] = await db.entities.transaction(async (tx) => {
    await tx.query('SELECT id FROM records.accounts WHERE id = $1 FOR UPDATE', [accountId]);
    const under = comesTo(accountId, 'plan_standard');
    await until(
      async () =>
        withClient(db.database.adminUrl, (admin) =>
          admin.query(
            `SELECT pid FROM pg_stat_activity
             WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%records.accounts%'`,
          ),
        ),
      ({ rows }) => rows.length > 0,
    );
    await tx.query('SELECT id FROM records.bots WHERE id = $1 FOR UPDATE', [botIds[0]]);
    return [under];
  });
  await coming;
  const [bot] = await manager.query<{ default_model: string }[]>(
    'SELECT default_model FROM records.bots WHERE id = $1',
    [botIds[0]],
  );
  expect(bot?.default_model).not.toBe('demo-premium');
});

it('[edge 39] ends the running job on its model, refuses the next; the bot falls back with a notice', async () => {
  const { accountId, botIds } = await openAccount(['demo-premium', 'demo-coder']);
  const [botId = '', other = ''] = botIds;
  const { manager } = db.entities;
  const asOf = instant(Date.now());
  const admit = async (jobId: string, model: string | null): Promise<unknown> => {
    const bot = await readBotForAdmission(manager, botId, instant(Date.now()));
    if (bot === null) throw new Error('there is no such bot');
    const admitted = await db.jobs.admit(accountId, asOf, admitOrder(jobId, { bot, wish: wishFor({ model }) }));
    return admitted.ok ? 'admitted' : admitted.refusal;
  };
  const running = newId('job');
  expect(await admit(running, null)).toBe('admitted');
  await comesTo(accountId, 'plan_standard');
  const payer = { accountId, jobId: running };
  await db.jobs.beginStep({ payer, tryKey: 'try', asOf, order: beginOrder(1) });
  await db.jobs.endStep({ payer, tryKey: 'try', asOf, order: endOrder(1, 1) });
  const settled = { state: 'completed', reason: 'finished', minimumCharge: creditsOf('0.1') } as const;
  expect(await db.jobs.settle(payer, asOf, settled)).toMatchObject({ ok: true });
  expect(await admit(newId('job'), 'demo-premium')).toMatchObject({ code: 'model_not_in_plan', limitedBy: 'plan' });
  expect(await admit(newId('job'), null)).toBe('admitted');

  const rows = await manager.query<{ id: string; default_model: string }[]>(
    'SELECT id, default_model FROM records.bots WHERE account_id = $1 ORDER BY id',
    [accountId],
  );
  const fallback = rows.find(({ id }) => id === botId)?.default_model ?? '';
  const card = await readRateCard(manager, (await currentRateCardId(manager, asOf)) ?? '');
  expect(card.models.find(({ model }) => model === fallback)).toMatchObject({ tier: 'standard', provider: 'scripted' });
  expect(rows.find(({ id }) => id === other)?.default_model).toBe('demo-coder');
  await comesTo(accountId, 'plan_standard');
  const told = await manager.query<unknown[]>(
    'SELECT type, about, facts, mail_to FROM records.announcements WHERE account_id = $1',
    [accountId],
  );
  const facts = { bot_id: botId, model: 'demo-premium', default_model: fallback, plan: expect.any(String) };
  expect(told).toEqual([{ type: 'bot.model_withdrawn', about: botId, facts, mail_to: 'owner' }]);
});
