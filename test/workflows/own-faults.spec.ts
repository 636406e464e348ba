// A model has answered, and then something of ours fails. What was paid for is used again and not bought again; what
// can never be written down ends the job soon, uncharged, its use on record; a database that is away is waited for.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { withClient } from '@fairmeter/platform/database';
import { expectLedgerHolds } from '../harness/audit.js';
import { BotClient } from '../harness/bot-client.js';
import { FailingRows, type RowFault } from '../harness/failing-rows.js';
import { accountFacts, attemptLines, attemptsOf } from '../harness/ledger-facts.js';
import { openBot } from '../harness/people.js';
import { byStep, fault, reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';

const FOR_EVER = 1_000_000;
const TIMES_AWAY = 20;
const again = (text: string) => Array.from({ length: 5 }, () => reply(text));

describe('a fault of ours after the answer', () => {
  const { port, model } = byStep({ 1: again('plan'), 2: again('=== a.js'), 3: again('APPROVED') });
  let stack: TestStack;
  let rows: FailingRows;
  /** Of the database that is away for a third of a minute, while others are played on the first. */
  let aside: TestStack;
  let wasAway: ReturnType<typeof play>;
  beforeAll(async () => {
    [stack, aside] = await Promise.all([TestStack.start({ models: port }), TestStack.start({ models: port })]);
    rows = await FailingRows.lay(stack);
    wasAway = play({ row: 'ended step', code: '57P03', times: TIMES_AWAY }, [aside, await FailingRows.lay(aside)]);
    // Whoever asks for it hears of it.
    wasAway.catch(() => undefined);
  }, 60_000);
  afterAll(async () => {
    await wasAway.catch(() => undefined);
    await aside.stop();
    await stack.stop();
  }, 60_000);

  async function play(fault: RowFault, [on, failing] = [stack, rows] as const) {
    const owner = await openBot(on, { credits: '100' });
    await failing.fail(owner.accountId, fault);
    const bot = new BotClient(on, owner);
    const jobId = String((await bot.submit()).body['id']);
    const { body: job } = await bot.ended(jobId, 50_000);
    const calls = model.calls.filter(({ request }) => request.requestRef.includes(jobId)).length;
    const struck = await failing.struck(owner.accountId);
    return { jobId, job, calls, struck, facts: await accountFacts(on, owner.accountId) };
  }

  it('[F5, edge 28] is asked of the model once where the end of its step can be written at the third try', async () => {
    const { jobId, job, calls, facts } = await play({ row: 'ended step', code: '23514', times: 2 });
    expect(job).toMatchObject({ state: 'completed', charge: '1.800000' });
    expect(calls).toBe(3);
    expect(await attemptLines(stack, jobId)).toEqual(['1.1 billable', '2.1 billable', '3.1 billable']);
    expect(facts).toMatchObject({ openHolds: 0, held: '0.000000', consumed: '1.800000' });
    await expectLedgerHolds(stack);
  }, 60_000);

  it('[F8] ends the job soon where it never can: three answers, none charged, all their use on record', async () => {
    const { jobId, job, calls, facts, struck } = await play({ row: 'ended step', code: '23514', times: FOR_EVER });
    expect(job).toMatchObject({ state: 'failed', end_reason: 'platform_failed', charge: '0.000000' });
    expect(calls).toBe(3);
    expect(struck).toBe(9);
    expect(await attemptLines(stack, jobId)).toEqual([1, 2, 3].map((n) => `1.${n} platform_fault not_recorded`));
    const used = (await attemptsOf(stack, jobId)).map(({ state, input, output }) => [state, input, output]);
    expect(used).toEqual([1, 2, 3].map(() => ['ended', 1_000, 200]));
    expect(facts).toMatchObject({ openHolds: 0, held: '0.000000', open: '100.000000', consumed: '0.000000' });
    await expectLedgerHolds(stack);
  }, 60_000);

  it('[F8] gives up at once an answer that cannot be kept, and asks three times at most', async () => {
    const { jobId, job, calls } = await play({ row: 'answer', code: '23514', times: FOR_EVER });
    expect(job).toMatchObject({ state: 'failed', end_reason: 'platform_failed', charge: '0.000000' });
    expect(calls).toBe(3);
    expect(await attemptLines(stack, jobId)).toEqual([1, 2, 3].map((n) => `1.${n} platform_fault not_recorded`));
    expect((await attemptsOf(stack, jobId)).map(({ input }) => input)).toEqual([1_000, 1_000, 1_000]);
    await expectLedgerHolds(stack);
  }, 60_000);

  it.each([
    { how: 'came long ago', keptMinutes: 16, latencyMinutes: 0 },
    { how: 'took long to come', keptMinutes: 6, latencyMinutes: 10 },
  ])(
    '[F8, edge 28] gives up an answer that $how once its attempt has lasted 15 minutes, with its use on record',
    async ({ keptMinutes, latencyMinutes }) => {
      const owner = await openBot(stack, { credits: '100' });
      await rows.fail(owner.accountId, { row: 'ended step', code: '57P03', times: FOR_EVER });
      const bot = new BotClient(stack, owner);
      const jobId = String((await bot.submit()).body['id']);
      await until(
        async () => rows.struck(owner.accountId),
        (struck) => struck > 1,
      );
      const old = `UPDATE records.texts SET created_at = created_at - make_interval(mins => $2),
          told = jsonb_set(told, '{latencyMs}', to_jsonb($3::int))
        WHERE account_id = $1 AND told IS NOT NULL`;
      await withClient(stack.database.ownerUrl, (client) =>
        client.query(old, [owner.accountId, keptMinutes, latencyMinutes * 60_000]),
      );
      await until(
        async () => attemptLines(stack, jobId),
        (lines) => lines.includes('1.2 open'),
      );
      await rows.heal(owner.accountId);
      expect((await bot.ended(jobId, 50_000)).body).toMatchObject({ state: 'completed', charge: '1.800000' });
      expect(await attemptLines(stack, jobId)).toEqual([
        '1.1 platform_fault not_recorded',
        ...['1.2', '2.1', '3.1'].map((attempt) => `${attempt} billable`),
      ]);
      expect((await attemptsOf(stack, jobId)).map(({ input }) => input)).toEqual([1_000, 1_000, 1_000, 1_000]);
      expect(model.calls.filter(({ request }) => request.requestRef.includes(jobId))).toHaveLength(4);
      await expectLedgerHolds(stack);
    },
    60_000,
  );

  it('[F5, edge 30] waits for a database that is away, however often it says so, and asks nobody again', async () => {
    const { jobId, job, calls, struck } = await wasAway;
    expect(job).toMatchObject({ state: 'completed', charge: '1.800000' });
    expect(struck).toBeGreaterThan(TIMES_AWAY);
    expect(calls).toBe(3);
    expect(await attemptLines(aside, jobId)).toEqual(['1.1 billable', '2.1 billable', '3.1 billable']);
    await expectLedgerHolds(aside);
  }, 60_000);
});

describe('a fault of ours after faults of a provider', () => {
  const away = fault('unavailable', { status: 503 });
  const { port } = byStep({ 1: [away, away, ...again('plan')], 2: again('=== a.js'), 3: again('APPROVED') });
  let stack: TestStack;
  let rows: FailingRows;
  beforeAll(async () => {
    stack = await TestStack.start({ models: port });
    rows = await FailingRows.lay(stack);
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  it('[F8] does not end the job: what a provider failed at is not counted among our own', async () => {
    const owner = await openBot(stack, { credits: '100' });
    await rows.fail(owner.accountId, { row: 'answer', code: '23514', times: 1 });
    const bot = new BotClient(stack, owner);
    const jobId = String((await bot.submit()).body['id']);
    expect((await bot.ended(jobId, 50_000)).body).toMatchObject({ state: 'completed', charge: '1.800000' });
    expect(await attemptLines(stack, jobId)).toEqual([
      '1.1 platform_fault unavailable',
      '1.2 platform_fault unavailable',
      '1.3 platform_fault not_recorded',
      ...['1.4', '2.1', '3.1'].map((attempt) => `${attempt} billable`),
    ]);
    await expectLedgerHolds(stack);
  }, 60_000);
});
