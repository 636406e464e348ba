// A key is one job, whoever asks, how often, at which door: one workflow run, one hold, one charge.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectLedgerHolds } from '../harness/audit.js';
import { type Answer, BotClient } from '../harness/bot-client.js';
import { runsOf } from '../harness/histories.js';
import { accountFacts, attemptLines, entriesOf, workflowOf } from '../harness/ledger-facts.js';
import { addKey, openBot, type TestBot } from '../harness/people.js';
import { threeSteps } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';

describe('the same request again', () => {
  const script = threeSteps();
  const callsOf = (jobId: string): string[] =>
    script.model.calls.map(({ request }) => request.requestRef).filter((ref) => ref.startsWith(`${jobId}/`));
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.start({ models: script.port });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  describe('fifty times at once', () => {
    let owner: TestBot;
    let bot: BotClient;
    let answers: Answer[];
    let ended: Answer[];
    beforeAll(async () => {
      owner = await openBot(stack, { credits: '100' });
      bot = new BotClient(stack, owner);
      answers = await Promise.all(Array.from({ length: 50 }, async () => bot.submitUntilKnown()));
      const ids = new Set(answers.map(({ body }) => String(body['id'])));
      ended = await Promise.all([...ids].map(async (id) => bot.ended(id)));
    }, 60_000);

    it('[F1] fifty at once are one job: one run, one hold, each step asked of the provider once', async () => {
      const ids = new Set(answers.map(({ body }) => String(body['id'])));
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 202));
      expect(ids.size).toBe(1);
      const [jobId = ''] = ids;
      expect(ended.map(({ body }) => body)).toMatchObject([{ state: 'completed', charge: '1.800000' }]);

      const { workflowId, runId } = await workflowOf(stack, jobId);
      expect(workflowId).toMatch(/^job\/[0-9a-f]{64}$/);
      const handle = stack.temporal.client.workflow.getHandle(workflowId);
      // It goes on for a moment after its job has ended.
      await handle.result();
      const described = await handle.describe();
      expect([described.runId, described.status.name]).toEqual([runId, 'COMPLETED']);
      expect(
        await until(
          async () => runsOf(stack, workflowId),
          (runs) => runs.length > 0,
        ),
      ).toEqual([runId]);
      expect(callsOf(jobId)).toEqual([1, 2, 3].map((step) => expect.stringContaining(`/s${step}/`)));
      expect(await attemptLines(stack, jobId)).toEqual(['1.1 billable', '2.1 billable', '3.1 billable']);
      const entries = await entriesOf(stack, jobId);
      expect(entries.filter(({ verb }) => verb === 'job.admit')).toEqual([
        expect.objectContaining({ from: 'open', to: 'held' }),
      ]);
      expect(await accountFacts(stack, owner.accountId)).toMatchObject({
        jobs: 1,
        holds: 1,
        openHolds: 0,
        held: '0.000000',
      });
    });
  });

  it('[F1] two doors and two keys of a bot are one caller', async () => {
    const owner = await openBot(stack, { credits: '100' });
    const rotated = { ...owner, key: `${owner.key}_next` };
    await addKey(stack, rotated);
    const first = new BotClient(stack, owner);
    const answers = [first.submit()];
    const other = await stack.startApi();
    answers.push(new BotClient(stack, rotated).submit());
    const [one, two] = await Promise.all(answers);
    expect([one?.status, two?.status, two?.body['id']]).toEqual([202, 202, one?.body['id']]);
    await first.ended(String(one?.body['id']));
    expect(await accountFacts(stack, owner.accountId)).toMatchObject({ jobs: 1, holds: 1, consumed: '1.800000' });
    expect(other.url).toBe(stack.apiUrl);
  });

  it('[F1, edge 19] another bot and another account with the same key have jobs of their own', async () => {
    const owner = await openBot(stack, { credits: '100' });
    const sibling = await openBot(stack, { accountId: owner.accountId });
    const stranger = await openBot(stack, { credits: '100' });
    const answers = await Promise.all(
      [owner, sibling, stranger].map(async (bot) => new BotClient(stack, bot).submit({ key: 'the same' })),
    );
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    expect(new Set(answers.map(({ body }) => body['id'])).size).toBe(3);
    for (const [index, bot] of [owner, sibling, stranger].entries()) {
      await new BotClient(stack, bot).ended(String(answers[index]?.body['id']));
    }
    expect((await accountFacts(stack, owner.accountId)).consumed).toBe('3.600000');
    expect((await accountFacts(stack, stranger.accountId)).consumed).toBe('1.800000');
  });

  it('[edge 19] another body under the key is refused while the job runs and after it, and moves nothing', async () => {
    const owner = await openBot(stack, { credits: '100' });
    const bot = new BotClient(stack, owner);
    const first = await bot.submit();
    const early = await bot.submit({ body: { prompt: 'Something else' } });
    await bot.ended(String(first.body['id']));
    const before = await accountFacts(stack, owner.accountId);
    const late = await bot.submit({ body: { prompt: 'Something else' } });
    expect([early, late].map(({ status, body }) => [status, body['code']])).toEqual([
      [409, 'idempotency_mismatch'],
      [409, 'idempotency_mismatch'],
    ]);
    expect(await accountFacts(stack, owner.accountId)).toEqual(before);
  });

  it('[edge 20] a retry after the end gets the finished job and is charged nothing', async () => {
    const owner = await openBot(stack, { credits: '100' });
    const bot = new BotClient(stack, owner);
    const first = await bot.submit();
    const jobId = String(first.body['id']);
    const ended = await bot.ended(jobId);
    const [facts, calls] = [await accountFacts(stack, owner.accountId), callsOf(jobId).length];
    const again = await bot.submit();
    expect([again.status, again.body]).toEqual([202, { ...ended.body, replayed: true }]);
    expect(await accountFacts(stack, owner.accountId)).toEqual(facts);
    expect(callsOf(jobId)).toHaveLength(calls);
    await expectLedgerHolds(stack);
  });
});
