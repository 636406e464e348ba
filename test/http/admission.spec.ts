// The admission protocol as a bot sees it, on real servers: one job per key whatever breaks, and nothing half done.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { admitUpdateId, jobWorkflowId } from '@fairmeter/contracts';
import { parseApiConfig } from '@fairmeter/platform';
import { promptRef } from '@fairmeter/records';
import { AdmissionClient } from '../../apps/api/src/jobs/admission-client.js';
import { bodyHash, keyHash } from '../../apps/api/src/jobs/admission-hashes.js';
import { submitBody } from '../../apps/api/src/jobs/submit-body.js';
import { type Answer, BotClient } from '../harness/bot-client.js';
import { addKey, giveCredits, openBot, type TestBot } from '../harness/people.js';
import { threeSteps } from '../harness/scripts.js';
import { testServers } from '../harness/test-servers.js';
import { TestStack } from '../harness/test-stack.js';
import { ledgerOf } from './counts.js';

async function workflowsOf(stack: TestStack, workflowId: string): Promise<number> {
  let runs = 0;
  for await (const _ of stack.temporal.client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) runs += 1;
  return runs;
}

async function atLeastOne(count: () => Promise<number>): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const found = await count();
    if (found > 0) return found;
    await new Promise((resume) => setTimeout(resume, 100));
  }
  return 0;
}

describe('admission', () => {
  const script = threeSteps();
  let stack: TestStack;
  beforeAll(async () => {
    // Many are asked at once, and each of them is answered: how long that takes is the machine's.
    stack = await TestStack.start({
      models: script.port,
      api: { ADMIT_DEADLINE_MS: '30000', ADMIT_WITHIN_MS: '40000' },
    });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  describe('of fifty requests at once', () => {
    let bot: TestBot;
    let answers: Answer[];
    beforeAll(async () => {
      bot = await openBot(stack, { credits: '100' });
      const client = new BotClient(stack, bot);
      answers = await Promise.all(Array.from({ length: 50 }, async () => client.submit({ key: 'one' })));
    }, 60_000);

    it('[F1] makes one job, one workflow and one hold of fifty requests at once', async () => {
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
      expect(new Set(answers.map(({ body }) => body['id'])).size).toBe(1);
      expect(answers.filter(({ body }) => body['replayed'] === false)).toHaveLength(1);
      expect(await ledgerOf(stack, bot)).toEqual({ jobs: 1, holds: 1 });
      await new BotClient(stack, bot).ended(String(answers[0]?.body['id']));
      const hash = keyHash(bot, Buffer.from('one'));
      // Visibility follows the history by a moment.
      expect(await atLeastOne(async () => workflowsOf(stack, jobWorkflowId(hash)))).toBe(1);
    });
  });

  it('answers 202 with the job and its links', async () => {
    const bot = new BotClient(stack, await openBot(stack, { credits: '100' }));
    const { status, headers, body } = await bot.submit();
    expect(status).toBe(202);
    const self = `/v1/jobs/${String(body['id'])}`;
    expect(headers.get('location')).toBe(self);
    expect(body).toMatchObject({
      replayed: false,
      bot_type: 'coding',
      request_kind: 'generate',
      links: { self, cost: `${self}/cost`, events: `${self}/events` },
    });
  });

  it('[edge 19] answers an equal body with the job and another body with 409, per bot and whatever key', async () => {
    const owner = await openBot(stack, { credits: '100' });
    const bot = new BotClient(stack, owner);
    const first = await bot.submit({ key: 'k', body: { prompt: 'p', max_credits: '5' } });
    const equal = await bot.submit({ key: 'k', body: { max_credits: '5.000', prompt: 'p' } });
    expect([equal.status, equal.body['id'], equal.body['replayed']]).toEqual([202, first.body['id'], true]);
    const other = await bot.submit({ key: 'k', body: { prompt: 'q', max_credits: '5' } });
    expect([other.status, other.body['code']]).toEqual([409, 'idempotency_mismatch']);

    const rotated = { ...owner, key: `${owner.key}_rotated` };
    await addKey(stack, rotated);
    const again = await new BotClient(stack, rotated).submit({ key: 'k', body: { prompt: 'p', max_credits: '5' } });
    expect(again.body['id']).toBe(first.body['id']);

    const sibling = await openBot(stack, { accountId: owner.accountId });
    const independent = await new BotClient(stack, sibling).submit({ key: 'k', body: { prompt: 'q' } });
    expect(independent.status).toBe(202);
    expect(independent.body['id']).not.toBe(first.body['id']);
  });

  it('[edge 20] answers a retry after the end with the finished job and charges nothing new', async () => {
    const bot = new BotClient(stack, await openBot(stack, { credits: '100' }));
    const first = await bot.submit();
    const ended = await bot.ended(String(first.body['id']));
    const again = await bot.submit();
    expect(again.body).toMatchObject({ ...ended.body, replayed: true });
  });

  describe('of twenty requests at once', () => {
    let answers: Answer[];
    // One run hears them all, which takes the time it takes.
    beforeAll(async () => {
      const bot = new BotClient(stack, await openBot(stack, { credits: '100' }));
      answers = await Promise.all(
        Array.from({ length: 20 }, async (_, index) => bot.submit({ key: 'k', body: { prompt: `p${index}` } })),
      );
    }, 60_000);

    it('decides of twenty different bodies under one key for one of them', () => {
      const codes = answers.map(({ status, body }) => (status === 202 ? 'admitted' : String(body['code'])));
      expect(codes).toHaveLength(20);
      expect(codes.filter((code) => code === 'admitted')).toHaveLength(1);
      for (const code of codes) expect(['admitted', 'idempotency_mismatch', 'admission_unknown']).toContain(code);
    });
  });

  it('[F3] says 402 without credits, starts nothing, and is not held to it after a top-up', async () => {
    const owner = await openBot(stack);
    const bot = new BotClient(stack, owner);
    const poor = await bot.submit();
    expect([poor.status, poor.body['code'], poor.body['limit_source']]).toEqual([
      402,
      'credits_exhausted',
      'account_credits',
    ]);
    expect(poor.body).toMatchObject({ available: '0.000000', options: ['tell_owner'] });
    expect(poor.headers.get('retry-after')).toBeNull();
    expect(await ledgerOf(stack, owner)).toEqual({ jobs: 0, holds: 0 });
    await giveCredits(stack, owner.accountId, '100');
    expect((await bot.submit()).status).toBe(202);
  });

  it('asks again where the answer it got is an old refusal, also when request ids repeat', async () => {
    const owner = await openBot(stack);
    const body = submitBody.parse({ prompt: 'Write a word counter' });
    const hashes = { key: keyHash(owner, Buffer.from('key-1')), body: bodyHash(body) };
    // Asked past the door's own look, the run itself refuses; its answer is kept by the server under this update id.
    const temporal = AdmissionClient.open(
      parseApiConfig({
        DATABASE_READER_URL: stack.database.readerUrl,
        TEMPORAL_ADDRESS: testServers().temporalAddress,
        TEMPORAL_NAMESPACE: stack.namespace,
      }).temporal,
    );
    const refused = await temporal.admit({
      updateId: admitUpdateId(hashes.body),
      deadline: Date.now() + 5_000,
      fairnessKey: 'any',
      request: { bodyHash: hashes.body, admitBefore: Date.now() + 10_000, requestId: 'the-same' },
      input: {
        keyHash: hashes.key,
        bodyHash: hashes.body,
        traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
        request: {
          accountId: owner.accountId,
          botId: owner.botId,
          caller: { kind: 'bot', keyId: 'key_any' },
          requestKind: 'generate',
          model: null,
          maxIterations: null,
          maxMicroCredits: null,
          promptRef: promptRef(hashes.key, hashes.body),
          promptBytes: 20,
        },
      },
    });
    await temporal.close();
    expect(refused.outcome).toBe('refused');
    await giveCredits(stack, owner.accountId, '100');
    const response = await fetch(`${stack.apiUrl}/v1/bots/${owner.botId}/jobs`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${owner.key}`,
        'content-type': 'application/json',
        'idempotency-key': 'key-1',
        'x-request-id': 'the-same',
      },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as Record<string, unknown>;
    expect([response.status, answer['replayed']]).toEqual([202, false]);
    expect((await new BotClient(stack, owner).ended(String(answer['id']))).body['state']).toBe('completed');
  });

  it('keeps a key to any text, bytes beyond ASCII too', async () => {
    const bot = new BotClient(stack, await openBot(stack, { credits: '100' }));
    const key = Buffer.from('Bestellung Nr. 7: Größe 🔑', 'utf8').toString('latin1');
    const first = await bot.submit({ key });
    expect(first.status).toBe(202);
    expect((await bot.submit({ key })).body['id']).toBe(first.body['id']);
  });
});
