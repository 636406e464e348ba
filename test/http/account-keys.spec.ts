// Keys of an account on the real stack: they speak for every bot of the account and for nobody else's.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Right } from '../../apps/api/src/callers/rights.js';
import { RIGHTS } from '../../apps/api/src/callers/rights.js';
import { type Answer, BotClient } from '../harness/bot-client.js';
import type { TestBot } from '../harness/people.js';
import { openAccountKey, openBot } from '../harness/people.js';
import { threeSteps } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';

/** Roles of somebody who is signed in. */
const PEOPLE: ReadonlySet<string> = new Set(['owner', 'member', 'support', 'admin']);

interface ToldRight {
  readonly operationId: string;
  readonly description?: string;
  readonly security?: readonly object[];
  readonly 'x-roles'?: readonly string[];
  readonly 'x-key-scope'?: string;
}

interface Documents {
  readonly paths: Readonly<Record<string, Readonly<Record<string, ToldRight>>>>;
  readonly components: { readonly securitySchemes: object };
}

describe('a key of the account', () => {
  let stack: TestStack;
  let one: TestBot;
  let other: TestBot;
  let key: string;
  beforeAll(async () => {
    stack = await TestStack.start({ models: threeSteps().port });
    one = await openBot(stack, { credits: '1000' });
    other = await openBot(stack, { accountId: one.accountId });
    key = await openAccountKey(stack, one.accountId);
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  const as = (bot: TestBot, itsKey = key): BotClient => new BotClient(stack, { ...bot, key: itsKey });

  describe('with which every bot of the account is asked', () => {
    const asked: { readonly bot: TestBot; readonly submitted: Answer; readonly ended: Answer }[] = [];
    let ofTheBot: Answer;
    // A few jobs take the time they take.
    beforeAll(async () => {
      for (const bot of [one, other]) {
        const submitted = await as(bot).submit({ key: 'of-the-account' });
        asked.push({ bot, submitted, ended: await as(bot).ended(String(submitted.body['id'])) });
      }
      const submitted = await new BotClient(stack, one).submit({ key: 'by-its-own-key' });
      ofTheBot = await as(one).ended(String(submitted.body['id']));
    }, 60_000);

    it('submits to every bot of the account and reads the jobs of all of them', async () => {
      expect(asked).toHaveLength(2);
      for (const { bot, submitted, ended } of asked) {
        expect(submitted.status).toBe(202);
        expect(submitted.body['bot_id']).toBe(bot.botId);
        const jobId = String(submitted.body['id']);
        expect(ended.body['charge']).toBe('1.800000');
        expect((await as(bot).get(`/v1/jobs/${jobId}/cost`)).status).toBe(200);
        expect((await as(bot).get(`/v1/jobs/${jobId}/events?after=9223372036854775807`)).status).toBe(204);
        // The bot's own key sees the job as well: it is the bot's.
        expect((await new BotClient(stack, bot).get(`/v1/jobs/${jobId}`)).status).toBe(200);
      }
      expect(ofTheBot.status).toBe(200);
    });
  });

  it('is another caller than the bot: one Idempotency-Key, two jobs; its own keys are one caller', async () => {
    const byBot = await new BotClient(stack, one).submit({ key: 'shared' });
    const byAccount = await as(one).submit({ key: 'shared' });
    const again = await as(one, await openAccountKey(stack, one.accountId)).submit({ key: 'shared' });
    expect([byBot.body['replayed'], byAccount.body['replayed'], again.body['replayed']]).toEqual([false, false, true]);
    expect(byAccount.body['id']).not.toBe(byBot.body['id']);
    expect(again.body['id']).toBe(byAccount.body['id']);
  });

  it('finds a foreign bot no more than one that never was, and no foreign job', async () => {
    const stranger = await openBot(stack, { credits: '100' });
    const foreignJob = await new BotClient(stack, stranger).submit();
    for (const botId of [stranger.botId, 'bot_unknown', 'bot_%00', 'x']) {
      const answer = await as({ ...stranger, botId }).submit({ key: 'foreign' });
      expect([answer.status, answer.body['code']]).toEqual([404, 'bot_not_found']);
    }
    const jobId = String(foreignJob.body['id']);
    for (const path of [`/v1/jobs/${jobId}`, `/v1/jobs/${jobId}/cost`, `/v1/jobs/${jobId}/events`]) {
      const answer = await as(one).get(path);
      expect([answer.status, answer.body['code']]).toEqual([404, 'job_not_found']);
    }
  });

  it('does what its scopes say and no more', async () => {
    const mayOnlyRead = await openAccountKey(stack, one.accountId, ['read']);
    const refused = await as(one, mayOnlyRead).submit({ key: 'reader' });
    expect([refused.status, refused.body['required_scope']]).toEqual([403, 'submit']);
  });

  it('is the only kind that can have the scope of the account', async () => {
    const give = stack.entities.manager.query(
      `UPDATE records.api_keys SET scopes = '{submit,read,account}' WHERE bot_id = $1`,
      [one.botId],
    );
    await expect(give).rejects.toThrow('api_keys_account_scope');
  });

  it('[A16] finds in the documents who may ask for what, and by which credential, as the table has it', async () => {
    const { paths, components } = (await (await fetch(`${stack.apiUrl}/openapi.json`)).json()) as Documents;
    const told = Object.values(paths).flatMap((methods) => Object.values(methods));
    for (const [name, { roles, scope }] of Object.entries(RIGHTS) as [string, Right][]) {
      const operation = told.find(({ operationId }) => operationId === name);
      expect([name, operation?.['x-roles'], operation?.['x-key-scope']]).toEqual([name, roles, scope]);
      const { description = '', security = [] } = operation ?? {};
      const inWords = [...(description.split('\n\n').at(-1) ?? '').matchAll(/`(\w+)`/g)].map(([, word]) => word);
      expect([name, inWords.filter((word) => word !== scope)]).toEqual([name, roles]);
      const credentials = security.flatMap((one) => Object.keys(one));
      const byKey = roles.some((role) => role.endsWith('_key'));
      expect([name, credentials.includes('api_key')]).toEqual([name, byKey]);
      expect([name, credentials.includes('visitor_token')]).toEqual([name, roles.includes('visitor')]);
      const byPerson = roles.some((role) => PEOPLE.has(role));
      for (const own of ['identity_token', 'session']) {
        expect([name, own, credentials.includes(own)]).toEqual([name, own, byPerson]);
      }
      for (const credential of credentials) expect(components.securitySchemes).toHaveProperty(credential);
    }
  });
});
