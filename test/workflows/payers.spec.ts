// Who pays on the running stack: a story for each row of the table of payers, with the entries of its job line by line.
// Each job is three steps of 0.6 credits.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FundingMode, SalesMode } from '@fairmeter/domain';
import { accountScope, endUserScope, instant } from '@fairmeter/domain';
import { writeFunding } from '@fairmeter/records';
import { usageBody } from '../../apps/api/src/usage/usage-body.js';
import { expectLedgerHolds } from '../harness/audit.js';
import { BotClient } from '../harness/bot-client.js';
import type { AskWish, PaidJob } from '../harness/payers.js';
import {
  admitted,
  ask,
  countersOf,
  giveVisitor,
  openCampaign,
  paidJob,
  run,
  setLimits,
  visitorOf,
} from '../harness/payers.js';
import { amount, giveCredits, openAccountKey, openBot, type TestBot } from '../harness/people.js';
import { threeSteps } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';

const A_DAY = 86_400_000;

describe('the payers of a job', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.start({ models: threeSteps().port, worker: { WAIT_FOR_CREDITS_MS: '1000' } });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  /** Half a credit a day, one of the subscription, and a bundle. */
  async function threePools(): Promise<TestBot> {
    const bot = await openBot(stack, { credits: '1' });
    await giveCredits(stack, bot.accountId, { credits: '50', kind: 'bundle' });
    const owner = { scopeId: accountScope(bot.accountId), accountId: bot.accountId };
    const order = { zone: 'UTC', dailyAllowance: amount('0.5') };
    await stack.terms.setTerms({ owner, changeKey: 'first', asOf: instant(Date.now()), order });
    return bot;
  }

  async function fund(bot: TestBot, salesMode: SalesMode, fundingMode: FundingMode = 'owner_pool'): Promise<void> {
    await writeFunding(stack.entities.manager, bot, { salesMode, fundingMode, publicMayUseBonus: false });
  }

  const asked = async (bot: TestBot, wish: AskWish): Promise<string> => {
    const answer = await ask(stack, bot, wish);
    return typeof answer === 'string' ? 'admitted' : answer.code;
  };

  const DAILY_FIRST = [
    '1 daily 0.500000',
    '1 subscription 0.100000',
    '2 subscription 0.600000',
    '3 subscription 0.300000',
    '3 bundle 0.300000',
  ];
  const NO_DAILY = ['1 subscription 0.600000', '2 subscription 0.400000', '2 bundle 0.200000', '3 bundle 0.600000'];

  it('[E24] [E9] owner and member: the account, daily, subscription, bonus', async () => {
    const bot = await threePools();
    const limit = { kind: 'member', subject: 'usr_1', period: 'billing_period', amount: amount('10') } as const;
    await setLimits(stack, bot, [limit]);
    expect(await run(stack, bot, { caller: { kind: 'person', userId: 'usr_1' } })).toEqual({
      state: 'completed',
      funding: 'owner',
      requester: 'person usr_1',
      marker: null,
      campaign: null,
      charge: '1.800000',
      scopes: [accountScope(bot.accountId)],
      paid: DAILY_FIRST,
    });
    expect(await countersOf(stack, bot)).toEqual(['member usr_1 1.800000 0.000000']);
  });

  it('a test: as the owner, and marked', async () => {
    const job = await run(stack, await threePools(), { marker: 'test' });
    expect(job).toMatchObject({ funding: 'owner', marker: 'test', requester: 'bot key_any', paid: DAILY_FIRST });
  });

  it('[B17] [B16] training: the account, no daily, within a limit of its own', async () => {
    const bot = await threePools();
    await fund(bot, 'platform_sells', 'end_user_credits');
    await setLimits(stack, bot, [{ kind: 'training', subject: '', period: 'total', amount: amount('2') }]);
    expect(await run(stack, bot, { marker: 'training' })).toMatchObject({
      funding: 'training',
      marker: 'training',
      paid: NO_DAILY,
    });
    expect(await countersOf(stack, bot)).toEqual(['training  1.800000 0.000000']);
    expect(await asked(bot, { marker: 'training' })).toBe('training_limit_reached');
    expect(await run(stack, bot)).toMatchObject({ funding: 'owner', state: 'completed' });
  });

  it('[B8] [B9] [X24] free visitor: the subscription, in cap and reserve; the owner goes on', async () => {
    const bot = await openBot(stack, { credits: '10' });
    await giveCredits(stack, bot.accountId, { credits: '50', kind: 'bundle' });
    await setLimits(stack, bot, [{ kind: 'free_reserve', subject: '', period: 'billing_period', amount: amount('2') }]);
    expect(await run(stack, bot, visitorOf('vis_1'))).toMatchObject({
      funding: 'free_visitor',
      requester: 'visitor vis_1',
      scopes: [accountScope(bot.accountId)],
      paid: ['1 subscription 0.600000', '2 subscription 0.600000', '3 subscription 0.600000'],
    });
    expect(await countersOf(stack, bot)).toEqual(['free_reserve  1.800000 0.000000']);
    expect(await asked(bot, visitorOf('vis_2'))).toBe('free_usage_exhausted');
    expect(await run(stack, bot)).toMatchObject({ funding: 'owner', state: 'completed' });
  });

  describe('a reserve set below what is used', () => {
    let bot: TestBot;
    let refused: string;
    let running: PaidJob;
    // Whoever was running waits a second for credits before it finishes.
    beforeAll(async () => {
      bot = await openBot(stack, { credits: '10' });
      const reserve = { kind: 'free_reserve', subject: '', period: 'billing_period' } as const;
      await setLimits(stack, bot, [{ ...reserve, amount: amount('5') }]);
      const jobId = await admitted(stack, bot, visitorOf('vis_1'));
      await setLimits(stack, bot, [{ ...reserve, amount: amount('0.1') }]);
      refused = await asked(bot, visitorOf('vis_2'));
      running = await paidJob(stack, jobId);
    }, 60_000);

    it('[edge 75] stops free answers at once, and the owner not', async () => {
      expect(refused).toBe('free_usage_exhausted');
      expect(running.funding).toBe('free_visitor');
      expect(await run(stack, bot)).toMatchObject({ state: 'completed' });
    });
  });

  it('[B16] [B23] giveaway: the subscription alone, within the campaign and its share for each visitor', async () => {
    const bot = await openBot(stack, { credits: '10' });
    const campaignId = await openCampaign(stack, bot);
    await setLimits(stack, bot, [
      { kind: 'campaign', subject: campaignId, period: 'total', amount: amount('5') },
      { kind: 'visitor', subject: campaignId, period: 'total', amount: amount('2') },
    ]);
    expect(await run(stack, bot, { ...visitorOf('vis_1'), campaignId })).toMatchObject({
      funding: 'campaign',
      campaign: campaignId,
      paid: ['1 subscription 0.600000', '2 subscription 0.600000', '3 subscription 0.600000'],
    });
    expect(await countersOf(stack, bot)).toEqual([
      `campaign ${campaignId} 1.800000 0.000000`,
      `visitor ${campaignId}/vis_1 1.800000 0.000000`,
    ]);
    expect(await asked(bot, { ...visitorOf('vis_1'), campaignId })).toBe('visitor_limit_reached');
    expect(await asked(bot, { ...visitorOf('vis_2'), campaignId })).toBe('admitted');
    expect(await asked(bot, { ...visitorOf('vis_2'), campaignId: 'cmp_other' })).toBe('campaign_not_running');
  });

  it('[B10] [B13] [B14] paying visitor: allowance, then pack, at an owner who has nothing', async () => {
    const bot = await openBot(stack);
    const end = instant(Date.now() + 30 * A_DAY);
    await giveVisitor(stack, bot, { visitorId: 'vis_1', kind: 'eu_pack', credits: '5' });
    await giveVisitor(stack, bot, { visitorId: 'vis_1', kind: 'eu_allowance', credits: '0.7', expiresAt: end });
    expect(await run(stack, bot, visitorOf('vis_1'))).toMatchObject({
      state: 'completed',
      funding: 'end_user',
      charge: '1.800000',
      scopes: [`end_user/${bot.botId}/vis_1`],
      paid: ['1 eu_allowance 0.600000', '2 eu_allowance 0.100000', '2 eu_pack 0.500000', '3 eu_pack 0.600000'],
    });
    expect(await countersOf(stack, bot)).toEqual([]);
  });

  it('[B1] [B15] what was bought works at its bot alone, and at zero nobody else pays', async () => {
    const bot = await openBot(stack, { credits: '10' });
    const other = await openBot(stack, { accountId: bot.accountId });
    await fund(bot, 'platform_sells', 'end_user_credits');
    await fund(other, 'platform_sells', 'end_user_credits');
    await giveVisitor(stack, bot, { visitorId: 'vis_1', kind: 'eu_pack', credits: '1.8' });
    expect(await asked(other, visitorOf('vis_1'))).toBe('no_credits_for_bot');
    expect(await run(stack, bot, visitorOf('vis_1'))).toMatchObject({ funding: 'end_user' });
    await fund(bot, 'platform_sells');
    expect(await ask(stack, bot, visitorOf('vis_1'))).toMatchObject({
      code: 'credits_exhausted',
      limitSource: 'own_credits',
      available: 0n,
    });
    expect(await countersOf(stack, bot)).toEqual([]);
  });

  it('[B20] business sells direct: the account, no daily, within what one visitor may have', async () => {
    const bot = await threePools();
    await fund(bot, 'business_direct');
    await setLimits(stack, bot, [{ kind: 'visitor', subject: bot.botId, period: 'day', amount: amount('2') }]);
    expect(await run(stack, bot, visitorOf('vis_1'))).toMatchObject({ funding: 'business_direct', paid: NO_DAILY });
    expect(await countersOf(stack, bot)).toEqual(['visitor vis_1 1.800000 0.000000']);
    expect(await asked(bot, visitorOf('vis_1'))).toBe('visitor_limit_reached');
    expect(await asked(bot, visitorOf('vis_2'))).toBe('admitted');
  });

  it('[edge 77] [X3] what was bought goes first after a switch; a running job keeps its payer', async () => {
    const bot = await openBot(stack, { credits: '10' });
    await giveVisitor(stack, bot, { visitorId: 'vis_1', kind: 'eu_pack', credits: '1.9' });
    const running = await admitted(stack, bot, visitorOf('vis_1'));
    await fund(bot, 'business_direct');
    expect(await paidJob(stack, running)).toMatchObject({
      funding: 'end_user',
      charge: '1.800000',
      scopes: [`end_user/${bot.botId}/vis_1`],
    });
    // What is left buys no job: this one falls to the owner, whole.
    expect(await run(stack, bot, visitorOf('vis_1'))).toMatchObject({
      funding: 'business_direct',
      scopes: [accountScope(bot.accountId)],
    });
  });

  it('[edge 72] whoever owes for what was taken back is answered by nobody else, in whatever mode', async () => {
    const bot = await openBot(stack, { credits: '10' });
    const lotId = await giveVisitor(stack, bot, { visitorId: 'vis_1', kind: 'eu_pack', credits: '2' });
    expect(await run(stack, bot, visitorOf('vis_1'))).toMatchObject({ funding: 'end_user' });
    const owner = { scopeId: endUserScope(bot.botId, 'vis_1'), accountId: bot.accountId };
    expect(await stack.grants.clawBack(owner, instant(Date.now()), lotId)).toMatchObject({ ok: true });
    for (const mode of ['business_direct', 'platform_sells'] as const) {
      await fund(bot, mode);
      expect(await asked(bot, visitorOf('vis_1'))).toBe('debt_outstanding');
    }
    expect(await asked(bot, visitorOf('vis_2'))).toBe('admitted');
  });

  it('[B7] [B23] usage by its source and by its campaign adds up to the total', async () => {
    const bot = await openBot(stack, { credits: '20' });
    const campaignId = await openCampaign(stack, bot);
    await giveVisitor(stack, bot, { visitorId: 'vis_9', kind: 'eu_pack', credits: '5' });
    const wishes = [{}, visitorOf('vis_1'), { ...visitorOf('vis_1'), campaignId }, visitorOf('vis_9')];
    await Promise.all(wishes.map(async (wish) => run(stack, bot, wish)));
    const owner = new BotClient(stack, { ...bot, key: await openAccountKey(stack, bot.accountId) });
    const told = async (by: string): Promise<ReturnType<typeof usageBody.parse>> =>
      usageBody.parse((await owner.get(`/v1/account/usage?group_by=${by}`)).body);
    const sources = await told('funding');
    expect(sources.data.map(({ key, net }) => [key.funding, net]).sort()).toEqual([
      ['campaign', '1.800000'],
      ['end_user', '1.800000'],
      ['free_visitor', '1.800000'],
      ['owner', '1.800000'],
    ]);
    expect(sources.total.net).toBe('7.200000');
    expect((await told('campaign')).data.map(({ key, net }) => [key.campaign, net])).toEqual([
      [null, '5.400000'],
      [campaignId, '1.800000'],
    ]);
  });

  it('[B25] leaves a ledger that adds up, whoever paid', async () => {
    const bot = await openBot(stack, { credits: '10' });
    await giveVisitor(stack, bot, { visitorId: 'vis_1', kind: 'eu_pack', credits: '5' });
    const own = new BotClient(stack, bot);
    const submitted = await own.submit();
    expect(submitted.status).toBe(202);
    expect(await paidJob(stack, String(submitted.body['id']))).toMatchObject({
      funding: 'owner',
      scopes: [accountScope(bot.accountId)],
    });
    await expectLedgerHolds(stack);
  });
});
