// A bot that goes back to private while a visitor's job runs. The visitor's jobs are asked for past the door.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PROBLEMS } from '@fairmeter/contracts';
import type { AdmitAnswer } from '@fairmeter/contracts';
import type { ModelPort } from '@fairmeter/providers';
import { admitPastTheDoor, jobInputOf } from '../harness/admissions.js';
import { BotClient } from '../harness/bot-client.js';
import { OwnerClient } from '../harness/owner-client.js';
import { openBot, type TestBot } from '../harness/people.js';
import { threeSteps } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';

const { port } = threeSteps();
let letGoOn = (): void => undefined;
const mayGoOn = new Promise<void>((resolve) => (letGoOn = resolve));
const models: ModelPort = {
  generate: async (request, options) => {
    if (request.requestRef.includes('generate')) await mayGoOn;
    return port.generate(request, options);
  },
};

describe('a bot with visitors', () => {
  let stack: TestStack;
  let bot: TestBot;
  let owner: OwnerClient;
  beforeAll(async () => {
    stack = await TestStack.start({ models });
    bot = await openBot(stack, { credits: '100' });
    owner = await OwnerClient.open(stack, bot.accountId);
  }, 60_000);
  afterAll(async () => {
    letGoOn();
    await stack.stop();
  }, 60_000);

  const byVisitor = async (key: string): Promise<AdmitAnswer> => {
    const input = await jobInputOf(stack, bot, key);
    const caller = { kind: 'visitor', visitorId: 'vis_1' } as const;
    return admitPastTheDoor(stack, { ...input, request: { ...input.request, caller } });
  };

  it('[A19] returns to private at any time: jobs that run finish, and the next one is refused', async () => {
    const path = `/v1/bots/${bot.botId}`;
    const refused = { outcome: 'refused', refusal: { code: 'bot_private' } };
    expect((await owner.call('POST', `${path}/unpublish`)).status).toBe(200);
    expect(await byVisitor('while it is private')).toMatchObject(refused);
    const answers = { purpose_clear: true, trained_enough: true, results_reviewable: true };
    expect((await owner.call('POST', `${path}/publish`, { body: answers })).status).toBe(200);
    const running = await byVisitor('while it is public');
    expect(running.outcome).toBe('admitted');
    if (running.outcome !== 'admitted') return;
    const closed = await owner.call('PATCH', path, { body: { visibility: 'private' } });
    expect(closed.body['visibility']).toBe('private');
    expect(await byVisitor('after it was public')).toMatchObject(refused);
    expect(PROBLEMS.bot_private.status).toBe(403);
    const own = await new BotClient(stack, bot).submit({ key: 'of the owner' });
    expect(own.status).toBe(202);
    letGoOn();
    expect((await new BotClient(stack, bot).ended(running.jobId)).body['state']).toBe('completed');
  });
});
