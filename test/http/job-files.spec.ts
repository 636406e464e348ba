// Goal: whoever may read a job may list its files and read each of them, for nothing, with no credits left and on every
// plan, and what a file says is never shown as a page of ours.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { instant } from '@fairmeter/domain';
import { eraseWorkspaces, saveTree } from '@fairmeter/records';
import { filesBody } from '../../apps/api/src/artefacts/files-body.js';
import { sweepFiles } from '../../libs/activities/src/workspaces/file-sweep.js';
import { BotClient } from '../harness/bot-client.js';
import { use } from '../harness/orders.js';
import { openAccountKey, openBot } from '../harness/people.js';
import { TestStack } from '../harness/test-stack.js';
import { PostedJobs, turn } from './posted-jobs.js';

const FILES: Readonly<Record<string, string>> = {
  '100% sure#1.md': 'sure',
  'index.html': '<script>alert(document.domain)</script>',
  "src/it's (new), so to say.ts": 'export {};\n',
  'src/Ünïcode/数える.ts': 'export const 数 = 1;\n',
};
const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
const TREE = sha('all of them');

let stack: TestStack;
let owner: PostedJobs;

beforeAll(async () => {
  stack = await TestStack.open();
  await stack.startApi();
  owner = await PostedJobs.open(stack, { plan: 'plan_free', credits: '1', maxCredits: '10' });
}, 60_000);
afterAll(async () => {
  await stack.stop();
}, 60_000);

interface Wish {
  readonly of?: PostedJobs;
  readonly settles?: boolean;
  readonly files?: Readonly<Record<string, string>>;
  readonly ranMs?: number;
}

/** A step that costs more than there is leaves nothing to spend. */
async function jobWithFiles({ of = owner, files = FILES, ...wish }: Wish = {}): Promise<string> {
  const { settles = true, ranMs = 0 } = wish;
  const { accountId, botId: subject } = of.bot;
  const steps = [turn({ used: use({ input: 20_000, output: 4_000, calls: 1 }), report: { tree: TREE } })];
  // Of today: how long files are kept is asked of the machine's clock.
  const { jobId } = await of.play({ steps, settles, asOf: instant(Date.now()) });
  const entries = Object.entries(files).map(([path, text]) => ({
    path,
    sha256: sha(text),
    bytes: Buffer.byteLength(text),
  }));
  const newBodies = new Map(Object.values(files).map((text) => [sha(text), text]));
  await saveTree(stack.entities.manager, { accountId, subject, jobId, hash: TREE, entries, newBodies });
  if (ranMs > 0) {
    await stack.entities.manager.query('UPDATE ledger.jobs SET ended_at = $2 WHERE id = $1', [
      jobId,
      new Date(Date.now() - ranMs),
    ]);
  }
  return jobId;
}

async function bodiesOf({ bot }: PostedJobs): Promise<string[]> {
  const rows = await stack.entities.manager.query<{ body: string }[]>(
    'SELECT body FROM records.workspace_blobs WHERE account_id = $1 ORDER BY body',
    [bot.accountId],
  );
  return rows.map(({ body }) => body);
}

const clientOf = ({ bot }: PostedJobs, key = bot.key): BotClient => new BotClient(stack, { ...bot, key });
const codeOf = async (response: Response): Promise<unknown> =>
  ((await response.json()) as Record<string, unknown>)['code'];

describe('the files of a job', () => {
  it('[D12] are read with no credits left, on a plan without ZIP, byte for byte and for nothing', async () => {
    const jobId = await jobWithFiles();
    const credits = await owner.get('account/credits', owner.accountKey);
    expect(JSON.stringify(credits)).toContain('"available":"0.000000"');
    const figures = async (): Promise<unknown> =>
      stack.entities.manager.query('SELECT count(*)::int AS n FROM ledger.entries');
    const before = await figures();
    for (const key of [owner.bot.key, owner.accountKey]) {
      const listed = filesBody.strict().parse(await owner.get(`jobs/${jobId}/files`, key));
      expect(listed).toMatchObject({ job_id: jobId, state: 'completed', final: true, tree: TREE, count: 4 });
      expect(listed.data.map(({ path }) => path)).toEqual(Object.keys(FILES));
      for (const { path, bytes, sha256, url } of listed.data) {
        const response = await clientOf(owner, key).fetch(url);
        const body = Buffer.from(await response.arrayBuffer());
        expect([response.status, body.toString(), body.byteLength, sha(body.toString())]).toEqual([
          200,
          FILES[path],
          bytes,
          sha256,
        ]);
      }
    }
    expect(await figures()).toEqual(before);
  });

  it('are text to be saved, whatever they hold, and are not sent again to whoever has them', async () => {
    const other = await PostedJobs.open(stack);
    const jobId = await jobWithFiles({ of: other });
    const read = async (headers: Record<string, string> = {}): Promise<Response> =>
      clientOf(other).fetch(`/v1/jobs/${jobId}/files/index.html`, { headers });
    const first = await read();
    const etag = `"${sha(FILES['index.html'] ?? '')}"`;
    expect(Object.fromEntries(first.headers)).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': `attachment; filename="index.html"; filename*=UTF-8''index.html`,
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-cache',
      etag,
    });
    const again = await read({ 'if-none-match': etag });
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
    expect((await read({ 'if-none-match': `"${'0'.repeat(64)}"` })).status).toBe(200);
  });

  it('are found with plain and with escaped slashes, and by names in any form of Unicode', async () => {
    const other = await PostedJobs.open(stack);
    const jobId = await jobWithFiles({ of: other });
    const path = 'src/Ünïcode/数える.ts';
    for (const written of [
      path.split('/').map(encodeURIComponent).join('/'),
      encodeURIComponent(path),
      path.normalize('NFD').split('/').map(encodeURIComponent).join('/'),
    ]) {
      const response = await clientOf(other).fetch(`/v1/jobs/${jobId}/files/${written}`);
      expect([response.status, await response.text()]).toEqual([200, FILES[path]]);
      expect(response.headers.get('content-disposition')).toContain(
        `filename*=UTF-8''${encodeURIComponent('数える.ts')}`,
      );
    }
  });

  it('are as the last step of a running job left them, and none before it wrote any', async () => {
    const other = await PostedJobs.open(stack);
    const running = await jobWithFiles({ of: other, settles: false });
    expect(await other.get(`jobs/${running}/files`)).toMatchObject({
      state: 'running',
      final: false,
      count: 4,
      expires_at: null,
    });
    const { jobId } = await other.play({ steps: [turn({ used: null })], settles: false });
    expect(await other.get(`jobs/${jobId}/files`)).toMatchObject({ tree: null, count: 0, data: [] });
    const missing = await clientOf(other).fetch(`/v1/jobs/${jobId}/files/index.html`);
    expect([missing.status, await codeOf(missing)]).toEqual([404, 'file_not_found']);
  });

  it('are no more to a stranger or another bot of the account than those of a job that never was', async () => {
    const other = await PostedJobs.open(stack);
    const jobId = await jobWithFiles({ of: other });
    const sibling = await openBot(stack, { accountId: other.bot.accountId });
    const stranger = await PostedJobs.open(stack);
    const strangers = [sibling.key, stranger.bot.key, await openAccountKey(stack, stranger.bot.accountId)];
    for (const key of strangers) {
      for (const place of [`${jobId}/files`, `${jobId}/files/index.html`, 'job_none/files', 'x/files/index.html']) {
        const answer = await clientOf(other, key).fetch(`/v1/jobs/${place}`);
        expect([place, answer.status, await codeOf(answer)]).toEqual([place, 404, 'job_not_found']);
      }
    }
    const odd = ['%00', 'nothing.ts', 'src', 'src/', '..%2Findex.html', 'INDEX.HTML', `${'x/'.repeat(400)}a`];
    for (const path of odd) {
      const answer = await clientOf(other).fetch(`/v1/jobs/${jobId}/files/${path}`);
      expect([path, answer.status, await codeOf(answer)]).toEqual([path, 404, 'file_not_found']);
    }
    const written = await clientOf(other).fetch(`/v1/jobs/${jobId}/files/index.html`, { method: 'PUT' });
    expect([written.status, await codeOf(written)]).toEqual([405, 'method_not_allowed']);
    expect((await fetch(`${stack.apiUrl}/v1/jobs/${jobId}/files`)).status).toBe(401);
  });

  it('are gone 30 days after the end of their job, and once they were erased', async () => {
    const day = 86_400_000;
    const other = await PostedJobs.open(stack);
    const gone = async (jobId: string): Promise<void> => {
      for (const place of ['files', 'files/index.html']) {
        const answer = await clientOf(other).fetch(`/v1/jobs/${jobId}/${place}`);
        expect([place, answer.status, await codeOf(answer)]).toEqual([place, 410, 'files_gone']);
      }
    };
    await gone(await jobWithFiles({ of: other, ranMs: 30 * day + 1_000 }));
    const kept = await jobWithFiles({ of: other, ranMs: 30 * day - 60_000 });
    expect(await other.get(`jobs/${kept}/files`)).toMatchObject({ count: 4 });
    const now = Date.now();
    const common = { 'a.ts': 'common' };
    const over = await jobWithFiles({ of: other, files: { ...common, 'b.ts': 'its own' }, ranMs: 1 });
    const open = await jobWithFiles({ of: other, files: { ...common, 'c.ts': 'another' }, settles: false });
    const swept = instant(now + 31 * day);
    while ((await sweepFiles(stack.entities.manager, swept)) > 0);
    await gone(over);
    expect(await other.get(`jobs/${open}/files`)).toMatchObject({ count: 2 });
    expect(await bodiesOf(other)).toEqual(['another', 'common']);
    await eraseWorkspaces(stack.entities.manager, { accountId: other.bot.accountId, subject: other.bot.botId });
    await gone(open);
    expect(await bodiesOf(other)).toEqual([]);
  });
});
