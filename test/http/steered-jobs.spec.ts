// Goal: whoever of an account steers work that somebody else asked for leaves a line of who, from what and to what; of
// one's own work none is needed. Method: the running stack with a model that never answers.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { budgetUpdate } from '@fairmeter/contracts';
import { bookOf, createModelPort, ScriptedModel, stageScript } from '@fairmeter/providers';
import { newId } from '@fairmeter/platform/database';
import { BotClient } from '../harness/bot-client.js';
import { OwnerClient } from '../harness/owner-client.js';
import { openBot, type TestBot } from '../harness/people.js';
import { reply } from '../harness/scripts.js';
import { SignedIn, TestIssuer } from '../harness/signed-in.js';
import { TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';

type Line = Readonly<Record<'action' | 'actor' | 'before' | 'after', unknown>>;

/** Changes whose answer the workflow is not told of at first. */
const lost = new Set<string>();

let stack: TestStack;
let issuer: TestIssuer;
let bot: TestBot;
let backend: OwnerClient;
let owner: SignedIn;
let member: SignedIn;

beforeAll(async () => {
  const never = { ...reply('=== a.js'), delayMs: 600_000 };
  const book = bookOf(stageScript({ plan: [reply('plan')], generate: [never] }));
  issuer = await TestIssuer.open();
  stack = await TestStack.open({
    models: createModelPort({ scripted: new ScriptedModel(book) }),
    api: { OIDC_ISSUERS: issuer.setting },
  });
  await stack.startWorkerLike({
    around: ({ controlActivities }) => ({
      controlActivities: {
        changeBudget: async (input) => {
          const answer = await controlActivities.changeBudget(input);
          if (lost.delete(input.changeKey)) throw new Error('lost on its way');
          return answer;
        },
      },
    }),
  });
  await stack.startApi();
  bot = await openBot(stack, { credits: '1000' });
  backend = await OwnerClient.open(stack, bot.accountId);
  owner = await join('owner');
  member = await join('member');
}, 60_000);
afterAll(async () => {
  await stack.stop();
  await issuer.close();
}, 60_000);

async function join(role: 'owner' | 'member'): Promise<SignedIn> {
  const person = new SignedIn(stack.apiUrl, issuer.token({ sub: newId('usr') }));
  await stack.entities.manager.query(
    'INSERT INTO records.memberships (account_id, user_id, role) VALUES ($1, $2, $3)',
    [bot.accountId, await userOf(person), role],
  );
  return person.inAccount(bot.accountId);
}

async function userOf(person: SignedIn): Promise<string> {
  return String((await person.get('/v1/me')).body['user_id']);
}

/** At work. */
async function asked(by: SignedIn): Promise<string> {
  const { body } = await by.once(`/v1/bots/${bot.botId}/jobs`, { body: { prompt: 'Write it', max_credits: '10' } });
  const jobId = String(body['id']);
  await until(
    async () => (await backend.call('GET', `/v1/jobs/${jobId}`)).body,
    ({ steps_ended: ended }) => ended === 1,
  );
  return jobId;
}

async function linesOf(targetId: string): Promise<readonly Line[]> {
  return (await backend.call('GET', `/v1/audit?target_id=${targetId}`)).body['data'] as readonly Line[];
}

describe('an owner', () => {
  it('[F26] who steers what a member asked for leaves a line each time, and of own work none', async () => {
    const jobId = await asked(member);
    const steer = async (verb: string, body?: object): Promise<unknown> =>
      (await owner.call('POST', `/v1/jobs/${jobId}/${verb}`, body)).status;
    expect(await steer('budget', { max_credits: '12' })).toBe(200);
    // Nothing changes.
    expect(await steer('budget', { max_credits: '12' })).toBe(200);
    expect(await steer('resume')).toBe(202);
    expect(await steer('cancel')).toBe(200);
    expect(await steer('cancel')).toBe(200);
    const actor = { role: 'owner', id: await userOf(owner) };
    expect([...(await linesOf(jobId))].reverse()).toMatchObject([
      {
        ...{ actor, action: 'job.budget_requested' },
        ...{ before: { max_credits: '10.000000' }, after: { max_credits: '10.000000', requested: '12.000000' } },
      },
      {
        ...{ actor, action: 'job.budget_changed' },
        ...{ before: { max_credits: '10.000000' }, after: { max_credits: '12.000000' } },
      },
      {
        ...{ actor, action: 'job.resume_requested' },
        ...{ before: { state: 'running' }, after: { state: 'running', requested: 'resume' } },
      },
      {
        ...{ actor, action: 'job.cancel_requested' },
        ...{ before: { state: 'running' }, after: { state: 'running', requested: 'cancel' } },
      },
    ]);
    const own = await asked(owner);
    expect((await owner.call('POST', `/v1/jobs/${own}/budget`, { max_credits: '12' })).status).toBe(200);
    expect((await owner.call('POST', `/v1/jobs/${own}/cancel`)).status).toBe(200);
    const members = await asked(member);
    expect((await member.call('POST', `/v1/jobs/${members}/cancel`)).status).toBe(200);
    expect([await linesOf(own), await linesOf(members)]).toEqual([[], []]);
  }, 20_000);

  it('[F26] whose budget was refused leaves a line of the wish and of the no, and none of a change', async () => {
    const jobId = await asked(member);
    const refused = await owner.call('POST', `/v1/jobs/${jobId}/budget`, { max_credits: '0.000001' });
    expect([refused.status, refused.body['code']]).toEqual([422, 'budget_below_spent']);
    expect((await owner.get(`/v1/jobs/${jobId}`)).body).toMatchObject({ max_credits: '10.000000' });
    const before = { max_credits: '10.000000' };
    expect([...(await linesOf(jobId))].reverse()).toMatchObject([
      { action: 'job.budget_requested', before, after: { ...before, requested: '0.000001' } },
      {
        ...{ action: 'job.budget_refused', before },
        after: { ...before, requested: '0.000001', code: 'budget_below_spent' },
      },
    ]);
  });

  it('[F26] whose wish comes once more, late, leaves no line of a change that is not there', async () => {
    const jobId = await asked(member);
    const wish = async (credits: string, key = newId('req')): Promise<unknown> =>
      (await owner.once(`/v1/jobs/${jobId}/budget`, { body: { max_credits: credits }, key })).body['max_credits'];
    const key = newId('req');
    expect([await wish('12', key), await wish('14'), await wish('12', key)]).toEqual([
      '12.000000',
      '14.000000',
      '14.000000',
    ]);
    const changes = [...(await linesOf(jobId))].reverse().filter(({ action }) => action === 'job.budget_changed');
    expect(changes).toMatchObject([{ after: { max_credits: '12.000000' } }, { after: { max_credits: '14.000000' } }]);
  });

  it('[F26] whose answer never came finds a line of what became of the wish all the same, and one alone', async () => {
    const jobId = await asked(member);
    const [row] = await stack.entities.manager.query<{ workflow_id: string }[]>(
      'SELECT workflow_id FROM ledger.jobs WHERE id = $1',
      [jobId],
    );
    const work = stack.temporal.client.workflow.getHandle(row?.workflow_id ?? '');
    const actor = { role: 'owner', id: await userOf(owner) };
    // As a process that was gone before it heard anything.
    const ask = async (changeKey: string, maxMicroCredits: string, request = changeKey): Promise<unknown> => {
      const asker = { actor, requestId: `req_${request}` };
      const { outcome } = await work.executeUpdate(budgetUpdate, { args: [{ changeKey, maxMicroCredits, asker }] });
      return outcome;
    };
    lost.add('more').add('less');
    expect([await ask('more', '12000000'), await ask('less', '1')]).toEqual(['changed', 'refused']);
    // The same change once more, by another request, was made before.
    expect(await ask('more', '12000000', 'again')).toBe('changed');
    const stood = { max_credits: '12.000000' };
    expect([...(await linesOf(jobId))].reverse()).toMatchObject([
      { actor, action: 'job.budget_changed', before: { max_credits: '10.000000' }, after: stood },
      { actor, action: 'job.budget_refused', before: stood, after: { ...stood, code: 'budget_below_spent' } },
    ]);
  });

  it('[F26] who ends all jobs of a key leaves one line that names them', async () => {
    const wish = { bot_id: bot.botId, name: 'Leaked', scopes: ['submit', 'read'] };
    const { body: key } = await backend.call('POST', '/v1/api-keys', { body: wish });
    const flood = new BotClient(stack, { ...bot, key: String(key['secret']) });
    const jobs = [await flood.submit({ key: 'one' }), await flood.submit({ key: 'two' })];
    const ids = jobs.map(({ body }) => String(body['id']));
    const path = `/v1/api-keys/${String(key['id'])}/cancel-jobs`;
    expect((await owner.call('POST', path)).body).toMatchObject({ still_open: 0 });
    // There is nothing to be ended any more.
    expect((await owner.call('POST', path)).body).toMatchObject({ jobs: [] });
    const [line, ...rest] = (await linesOf(String(key['id']))).filter(({ action }) => action !== 'key.made');
    expect(rest).toEqual([]);
    expect(line).toMatchObject({
      ...{ actor: { role: 'owner', id: await userOf(owner) }, action: 'key.jobs_cancel_requested' },
      ...{ before: { under_way: ids }, after: { under_way: ids, requested: 'cancel' } },
    });
    for (const id of ids) expect(await linesOf(id)).toEqual([]);
  }, 20_000);
});
