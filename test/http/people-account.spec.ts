// The account in the hands of its people: renamed, closed while jobs run, told of what is kept, and what each status of
// it still allows.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { answerRef, saveText, saveTree } from '@fairmeter/records';
import { expectLedgerHolds } from '../harness/audit.js';
import type { Answer } from '../harness/bot-client.js';
import { accountFacts } from '../harness/ledger-facts.js';
import { giveCredits, openBot } from '../harness/people.js';
import { byStage, reply } from '../harness/scripts.js';
import { SignedIn, TestIssuer, subscriptionStands } from '../harness/signed-in.js';
import { TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';

const PROMPT = 'Write of my own affairs';

describe('an account', () => {
  let issuer: TestIssuer;
  let stack: TestStack;
  beforeAll(async () => {
    issuer = await TestIssuer.open();
    // The second step never ends by itself.
    const { port } = byStage({ plan: [reply('plan')], generate: [{ ...reply('=== a.js'), delayMs: 600_000 }] });
    stack = await TestStack.start({ models: port, api: { OIDC_ISSUERS: issuer.setting } });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
    await issuer.close();
  }, 60_000);

  interface Owned {
    readonly owner: SignedIn;
    readonly accountId: string;
    readonly botId: string;
  }

  const opened = async (sub: string): Promise<Owned> => {
    const owner = new SignedIn(stack.apiUrl, issuer.token({ sub, email: `${sub}@example.test`, email_verified: true }));
    const accountId = String((await owner.get('/v1/account')).body['account_id']);
    // What comes with the account is there: nothing of it is written over what follows.
    await subscriptionStands(owner);
    await stack.entities.manager.query(`UPDATE records.accounts SET plan_id = 'plan_premium' WHERE id = $1`, [
      accountId,
    ]);
    const { botId } = await openBot(stack, { accountId });
    await giveCredits(stack, accountId, '100');
    return { owner, accountId, botId };
  };
  const submit = async ({ owner, botId }: Owned, key: string): Promise<Answer> => {
    const response = await fetch(`${stack.apiUrl}/v1/bots/${botId}/jobs`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${owner.token}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      },
      body: JSON.stringify({ prompt: PROMPT }),
    });
    const body = (await response.json()) as Readonly<Record<string, unknown>>;
    return { status: response.status, headers: response.headers, body };
  };
  const setStatus = async ({ accountId }: Owned, status: string): Promise<void> => {
    await stack.entities.manager.query('UPDATE records.accounts SET status = $2 WHERE id = $1', [accountId, status]);
  };
  const told = ({ status, body }: Answer): unknown[] => [status, body['code']];

  it('[edge 70] that is closed ends and settles what runs, holds nothing, and begins nothing again', async () => {
    const owned = await opened('closing');
    const { owner, accountId } = owned;
    const submitted = await Promise.all(['a', 'b', 'c'].map(async (key) => submit(owned, key)));
    const jobIds = submitted.map(({ body }) => String(body['id']));
    await until(
      async () => Promise.all(jobIds.map(async (id) => (await owner.get(`/v1/jobs/${id}`)).body['steps_ended'])),
      (ended) => ended.every((steps) => steps === 1),
    );
    const closed = await owner.call('POST', '/v1/account/close');
    expect([closed.status, closed.body]).toEqual([200, { account_id: accountId, status: 'closed', open_jobs: 0 }]);
    for (const id of jobIds) {
      expect((await owner.get(`/v1/jobs/${id}`)).body).toMatchObject({ state: 'cancelled', charge: '0.600000' });
    }
    expect(await accountFacts(stack, accountId)).toMatchObject({ openHolds: 0, held: '0.000000', open: '150.200000' });
    expect(told(await submit(owned, 'd'))).toEqual([403, 'account_not_active']);
    expect((await submit(owned, 'a')).body).toMatchObject({ id: jobIds[0], replayed: true, state: 'cancelled' });
    // The same again is safe, and it is closed for good.
    expect((await owner.call('POST', '/v1/account/close')).body).toEqual(closed.body);
    const lines = await stack.entities.manager.query<unknown[]>(
      `SELECT before, after FROM records.audit WHERE account_id = $1 AND action = 'account.closed'`,
      [accountId],
    );
    expect(lines).toEqual([{ before: { status: 'active' }, after: { status: 'closed' } }]);
    await expectLedgerHolds(stack);
  }, 40_000);

  it.each([
    { status: 'active', mayChange: true },
    { status: 'past_due', mayChange: true },
    { status: 'suspended', mayChange: false },
    { status: 'closed', mayChange: false },
  ])('that is $status allows what the table says, and always to look', async ({ status, mayChange }) => {
    const as = (done: number): unknown[] => (mayChange ? [done, undefined] : [403, 'account_not_active']);
    const owned = await opened(`is-${status}`);
    const { owner } = owned;
    await setStatus(owned, status);
    expect(told(await owner.call('PATCH', '/v1/account', { name: 'Renamed' }))).toEqual(as(200));
    expect(told(await owner.call('POST', '/v1/account/members', { email: 'a@example.test' }))).toEqual(as(201));
    expect(told(await submit(owned, 'key'))).toEqual(as(202));
    for (const path of ['/v1/account', '/v1/account/credits', '/v1/account/personal-data', '/v1/account/members']) {
      expect([path, ...told(await owner.get(path))]).toEqual([path, 200, undefined]);
    }
  });

  const pages = async (owner: SignedIn, limit: number): Promise<Readonly<Record<string, unknown>>[][]> => {
    const read: Readonly<Record<string, unknown>>[][] = [];
    for (let cursor = ''; ;) {
      const { body } = await owner.get(`/v1/account/personal-data?limit=${limit}${cursor}`);
      read.push(body['texts'] as Readonly<Record<string, unknown>>[]);
      const next = body['next_cursor'];
      if (typeof next !== 'string') return read;
      cursor = `&cursor=${next}`;
    }
  };

  it('tells a person all that is kept of that person, a page at a time, and nothing of another', async () => {
    const owned = await opened('curious');
    const { owner, accountId } = owned;
    const submitted = await Promise.all(['one', 'two'].map(async (key) => submit(owned, key)));
    const jobIds = submitted.map(({ body }) => String(body['id']));
    await until(
      async () => Promise.all(jobIds.map(async (id) => (await owner.get(`/v1/jobs/${id}`)).body['steps_ended'])),
      (ended) => ended.every((steps) => steps === 1),
    );
    expect((await owner.get('/v1/account/personal-data?limit=1')).body).toMatchObject({
      user: { issuer: issuer.url, subject: 'curious', email: 'curious@example.test' },
      accounts: [{ account_id: accountId, role: 'owner' }],
      sessions: [],
      texts: [{ purpose: 'prompt', body: PROMPT }],
    });
    const prompt = { purpose: 'prompt', job_id: null, body: PROMPT };
    const answers = [...jobIds].sort().reverse();
    expect(await pages(owner, 1)).toMatchObject([
      [prompt],
      [prompt],
      ...answers.map((id) => [{ purpose: 'answer', job_id: id, body: 'plan' }]),
    ]);
    const stranger = await opened('stranger');
    expect((await stranger.owner.get('/v1/account/personal-data')).body).toMatchObject({ texts: [] });
    expect(told(await owner.get('/v1/account/personal-data?cursor=x'))).toEqual([422, 'validation_failed']);
  });

  it('tells of long answers a few at a time, and of files by their job', async () => {
    const { owner, accountId } = await opened('prolific');
    const subject = String((await owner.get('/v1/me')).body['user_id']);
    const { manager } = stack.entities;
    for (const step of [1, 2, 3]) {
      const id = answerRef('job_long', step, 1);
      await saveText(manager, { id, accountId, subject, purpose: 'answer', body: `${step}`.repeat(600_000) });
    }
    const file = createHash('sha256').update('a file').digest('hex');
    const tree = { jobId: 'job_files', hash: file, entries: [{ path: 'a.js', sha256: file, bytes: 6 }] };
    await saveTree(manager, { ...tree, accountId, subject, newBodies: new Map([[file, 'a file']]) });
    const read = await pages(owner, 100);
    const shown = read.map((page) => page.map(({ purpose, body, job_id: id }) => [purpose, String(body)[0], id]));
    expect(shown).toEqual([
      [
        ['answer', '3', 'job_long'],
        ['answer', '2', 'job_long'],
      ],
      [
        ['answer', '1', 'job_long'],
        ['files', 'n', 'job_files'],
      ],
    ]);
    expect(read[1]?.[1]?.['body']).toBeNull();
  });

  it('is renamed by name alone, and the audit repeats no words', async () => {
    const { owner, accountId } = await opened('naming');
    const renamed = await owner.call('PATCH', '/v1/account', { name: 'Works of Ours' });
    expect(renamed.body).toMatchObject({ account_id: accountId, name: 'Works of Ours' });
    for (const body of [
      {},
      { name: '' },
      { name: 'x'.repeat(121) },
      { name: 'a', plan_id: 'plan_free' },
      { name: 7 },
    ]) {
      expect(told(await owner.call('PATCH', '/v1/account', body))).toEqual([422, 'validation_failed']);
    }
    const lines = await stack.entities.manager.query<unknown[]>('SELECT * FROM records.audit WHERE account_id = $1', [
      accountId,
    ]);
    expect(lines).toHaveLength(2);
    expect(JSON.stringify(lines)).not.toContain('Works of Ours');
  });
});
