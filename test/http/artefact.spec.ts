// Goal: whoever may read a job may download its ZIP, as often as wanted and for nothing, until it expires.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { instant } from '@fairmeter/domain';
import { saveArtefact, sweepArtefacts } from '@fairmeter/records';
import { BotClient } from '../harness/bot-client.js';
import type { TestBot } from '../harness/people.js';
import { openAccountKey, openBot } from '../harness/people.js';
import { threeSteps } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';

const DAY = 86_400_000;
const ZIP = new Uint8Array([0x50, 0x4b, 0x05, 0x06, ...new Array<number>(18).fill(0)]);
const SHA256 = createHash('sha256').update(ZIP).digest('hex');

describe('the artefact of a job', () => {
  let stack: TestStack;
  let bot: TestBot;
  beforeAll(async () => {
    stack = await TestStack.start({ models: threeSteps().port });
    bot = await openBot(stack, { credits: '1000' });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  async function endedJob(key: string): Promise<string> {
    const client = new BotClient(stack, bot);
    const jobId = String((await client.submit({ key })).body['id']);
    await client.ended(jobId);
    return jobId;
  }

  async function store(jobId: string, life: { readonly from: number; readonly days: number }): Promise<void> {
    await saveArtefact(stack.entities.manager, {
      jobId,
      accountId: bot.accountId,
      subject: bot.botId,
      files: 3,
      sha256: SHA256,
      body: ZIP,
      createdAt: instant(life.from),
      expiresAt: instant(life.from + life.days * DAY),
    });
  }

  async function download(jobId: string, key = bot.key, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${stack.apiUrl}/v1/jobs/${jobId}/artefact`, {
      headers: { authorization: `Bearer ${key}`, ...headers },
    });
  }

  const codeOf = async (response: Response): Promise<unknown> =>
    ((await response.json()) as Record<string, unknown>)['code'];

  it('[A9] comes down three times, byte for byte, and the ledger does not move', async () => {
    const jobId = await endedJob('downloads');
    await store(jobId, { from: Date.now(), days: 30 });
    const entries = async (): Promise<unknown> =>
      stack.entities.manager.query('SELECT count(*)::int AS n FROM ledger.entries');
    const before = await entries();
    for (let time = 0; time < 3; time += 1) {
      const response = await download(jobId);
      expect(response.status).toBe(200);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-type': 'application/zip',
        'content-length': String(ZIP.byteLength),
        'content-disposition': `attachment; filename="${jobId}.zip"`,
        'cache-control': 'private, no-cache',
        'x-content-type-options': 'nosniff',
        etag: `"${SHA256}"`,
      });
      expect(new Uint8Array(await response.arrayBuffer())).toEqual(ZIP);
    }
    expect(await entries()).toEqual(before);
    expect((await download(jobId, await openAccountKey(stack, bot.accountId))).status).toBe(200);
  });

  it('is not sent again to whoever has it', async () => {
    const jobId = await endedJob('known');
    await store(jobId, { from: Date.now(), days: 30 });
    const known = await download(jobId, bot.key, { 'if-none-match': `"${SHA256}"` });
    expect([known.status, await known.text()]).toEqual([304, '']);
    expect((await download(jobId, bot.key, { 'if-none-match': `"${'0'.repeat(64)}"` })).status).toBe(200);
  });

  it('is said to be missing where there is none, and to have expired where there was one', async () => {
    const jobId = await endedJob('missing');
    const missing = await download(jobId);
    expect([missing.status, await codeOf(missing)]).toEqual([404, 'artefact_not_found']);
    await store(jobId, { from: Date.now() - 31 * DAY, days: 30 });
    const expired = await download(jobId);
    expect([expired.status, await codeOf(expired)]).toEqual([410, 'artefact_expired']);
    expect(await sweepArtefacts(stack.entities.manager, instant(Date.now()))).toBe(1);
    const swept = await download(jobId, bot.key, { 'if-none-match': `"${SHA256}"` });
    expect([swept.status, await codeOf(swept)]).toEqual([410, 'artefact_expired']);
  });

  it('is no more to a stranger or to another bot of the account than a job that never was', async () => {
    const jobId = await endedJob('foreign');
    await store(jobId, { from: Date.now(), days: 30 });
    const stranger = await openBot(stack, { credits: '1' });
    const sibling = await openBot(stack, { accountId: bot.accountId });
    for (const key of [stranger.key, sibling.key]) {
      const answer = await download(jobId, key);
      expect([answer.status, await codeOf(answer)]).toEqual([404, 'job_not_found']);
    }
    for (const odd of ['job_unknown', 'x', '..%2Fjobs', `${jobId}%00`]) {
      expect((await download(odd)).status).toBe(404);
    }
    expect((await fetch(`${stack.apiUrl}/v1/jobs/${jobId}/artefact`)).status).toBe(401);
  });
});
