// Tips over HTTP: the catalogue with its thresholds, and real jobs whose measurements call for a tip, or just not yet.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EndReason, JobState, LoopCause } from '@fairmeter/domain';
import { instant, TIP_CODES } from '@fairmeter/domain';
import { withClient } from '@fairmeter/platform/database';
import { saveArtefact, saveTree } from '@fairmeter/records';
import { costBody } from '../../apps/api/src/jobs/cost-body.js';
import { TIP_LANGUAGES, TIP_TEXTS } from '../../apps/api/src/tips/tip-texts.js';
import { tipBody, tipsBody } from '../../apps/api/src/tips/tips-body.js';
import { usageBody } from '../../apps/api/src/usage/usage-body.js';
import { BotClient } from '../harness/bot-client.js';
import { after, creditsOf, HOUR, T0, use } from '../harness/orders.js';
import type { Played, PlayedJob } from '../harness/played-jobs.js';
import { TestStack } from '../harness/test-stack.js';
import { check, clarification, packaging, PostedJobs, SMALL, turn } from './posted-jobs.js';

let stack: TestStack;
let owner: PostedJobs;
beforeAll(async () => {
  stack = await TestStack.open();
  await stack.startApi();
  owner = await PostedJobs.open(stack, { credits: '10000' });
}, 60_000);
afterAll(async () => {
  await stack.stop();
}, 60_000);

/** By staff, of its first finding. */
async function isSaid(job: Played | undefined, said: { number: number; cause: LoopCause }): Promise<void> {
  const before = said.cause === 'platform_fault' ? 'user_fault' : 'platform_fault';
  await withClient(stack.database.adminUrl, async (client) =>
    client.query(
      `INSERT INTO records.loop_reclassifications (job_id, finding, number, account_id, cause_before, cause_after,
         decided_by, decided_role, reason_ref, key_hash, body_hash)
       VALUES ($1, 1, $2, $3, $4, $5, 'usr_1', 'admin', 'txt_1', $6, 'body')`,
      [job?.jobId, said.number, job?.accountId, before, said.cause, `${String(job?.jobId)}/${said.number}`],
    ),
  );
}

describe('the catalogue of tips', () => {
  it('[C12] [D14] [E37] has every code with a text, a link and what calls for it', async () => {
    const { data } = tipsBody.strict().parse(await owner.get('tips'));
    const codes = data.map(({ code }) => code);
    expect(codes).toEqual([...TIP_CODES]);
    expect(codes).toEqual(expect.arrayContaining(['be_specific', 'split_large_task', 'fit_model', 'reuse_prefix']));
    expect(codes).toEqual(
      expect.arrayContaining(['select_less', 'join_small_tasks', 'fix_errors_early', 'explain_first', 'review_first']),
    );
    expect(codes).toEqual(
      expect.arrayContaining(['fit_model', 'fresh_thread', 'be_specific', 'watch_usage', 'learn_from_costly']),
    );
    for (const tip of data) {
      expect(tip.triggers.length).toBeGreaterThan(0);
      expect(tipBody.strict().parse(await owner.get(tip.link.replace('/v1/', '')))).toEqual(tip);
    }
    const answer = await new BotClient(stack, owner.bot).get('/v1/tips/nothing');
    expect([answer.status, answer.body['code']]).toEqual([404, 'not_found']);
  });

  it('is short and plain in every language, and speaks of credits as of usage', () => {
    const money =
      /wallet|balance|account money|withdraw|cash out|e-money|currency|guthaben|geldb|kontostand|auszahlen|abheben/i;
    for (const language of TIP_LANGUAGES) {
      for (const { title, text } of Object.values(TIP_TEXTS[language])) {
        expect(`${title} ${text}`).not.toMatch(money);
        expect([title.length <= 60, text.length <= 160]).toEqual([true, true]);
      }
    }
  });
});

describe('the tips of a job', () => {
  let asked = 0;

  /** Unlike every other before, unless the test says otherwise. */
  async function play(job: Omit<PlayedJob, 'bot'>): Promise<string> {
    const { jobId } = await owner.play({ maxCredits: creditsOf('50'), bodyHash: `asked-${(asked += 1)}`, ...job });
    return jobId;
  }
  async function tipsOfJob(jobId: string): Promise<string[]> {
    const { tips } = costBody.strict().parse(await owner.get(`jobs/${jobId}/cost`));
    return tips.map(({ code, figure, from }) => `${code} ${figure}/${from}`);
  }
  const tipsOf = async (job: Omit<PlayedJob, 'bot'>): Promise<string[]> => tipsOfJob(await play(job));
  const large = turn({ used: use({ input: 3_000, output: 200, calls: 1 }) });
  const red = check({ verdict: 'changes_requested' });
  const repeated = (system: number) => turn({ used: use({ input: 5_000, output: 10, system, calls: 1 }) });

  it('are none for one that gives no reason', async () => {
    expect(await tipsOf({ steps: [large, check()], requestKind: 'debug' })).toEqual([]);
  });

  it('[D14] [C12] come with questions asked back: one before generating, two before anything', async () => {
    const question = clarification();
    expect(await tipsOf({ steps: [large, question], requestKind: 'debug' })).toEqual([]);
    expect(await tipsOf({ steps: [large, question] })).toEqual(['explain_first 1/1']);
    expect(await tipsOf({ steps: [large, question, question], requestKind: 'debug' })).toEqual(['be_specific 2/2']);
  });

  it('[C12] [E37] come with a dear model for a small request, and not with the cheap one', async () => {
    const small = { steps: [turn()], requestKind: 'explain' } as const;
    expect(await tipsOf(small)).toEqual(['fit_model 30/30']);
    expect(await tipsOf({ ...small, model: SMALL.model })).toEqual([]);
  });

  it('[C12] come with a system text that is read again uncached', async () => {
    const debug = { requestKind: 'debug' } as const;
    expect(await tipsOf({ ...debug, steps: [repeated(4_000), repeated(3_999)] })).toEqual([]);
    expect(await tipsOf({ ...debug, steps: [repeated(4_000), repeated(4_000)] })).toEqual(['reuse_prefix 4000/4000']);
  });

  it('[D14] come with large context and with checks that stay red', async () => {
    const debug = { requestKind: 'debug', steps: [large] } as const;
    expect(await tipsOf({ ...debug, contextBytes: 39_999 })).toEqual([]);
    expect(await tipsOf({ ...debug, contextBytes: 40_000 })).toEqual(['select_less 40000/40000']);
    expect(await tipsOf({ ...debug, steps: [large, red, red] })).toEqual([]);
    expect(await tipsOf({ ...debug, steps: [large, red, red, red] })).toEqual(['fix_errors_early 3/3']);
  });

  it('[D14] are none for checks that a fault of ours failed, nor for files too much to be packed', async () => {
    const ours = check({ verdict: 'changes_requested', chargeClass: 'platform_fault' });
    const tooMuch = packaging({ verdict: 'changes_requested' });
    const steps = [large, red, red, ours, tooMuch];
    expect(await tipsOf({ steps, requestKind: 'debug' })).toEqual([]);
  });

  it('[D14] are none for checks that a loop repeated, once staff have said that it was ours', async () => {
    const asked = { steps: [large, red, red, red], requestKind: 'debug', maxCredits: creditsOf('50') } as const;
    const job = await owner.play({ ...asked, bodyHash: 'looped' });
    const repeats = [3, 4].map((ordinal) => ({ jobId: job.jobId, ordinal }));
    await owner.findLoop(job, { repeats }, 'user_fault');
    expect(await tipsOfJob(job.jobId)).toEqual(['fix_errors_early 3/3']);
    await isSaid(job, { number: 1, cause: 'platform_fault' });
    expect(await tipsOfJob(job.jobId)).toEqual([]);
  });

  it('[E37] come with a thread that is mostly history, and with a budget that is nearly used', async () => {
    // 25 tokens are the request itself.
    const talk = (system: number) => turn({ used: use({ input: 3_000, system, output: 10, calls: 1 }) });
    const thread = { threadId: 'thr_1', requestKind: 'debug' } as const;
    expect(await tipsOf({ ...thread, steps: [talk(1_150)] })).toEqual([]);
    expect(await tipsOf({ ...thread, steps: [talk(1_100)] })).toEqual(['fresh_thread 62/61']);
    const debug = { steps: [large], requestKind: 'debug' } as const;
    expect(await tipsOf({ ...debug, maxCredits: creditsOf('1.6') })).toEqual([]);
    expect(await tipsOf({ ...debug, maxCredits: creditsOf('1.5') })).toEqual(['watch_usage 80/80']);
  });

  it('[D14] come with the same request made again, and from none of another bot', async () => {
    const same = { steps: [large], requestKind: 'debug', bodyHash: 'the same' } as const;
    expect(await tipsOf(same)).toEqual([]);
    expect(await tipsOf(same)).toEqual(['review_first 1/1']);
    const stranger = await PostedJobs.open(stack);
    const { jobId } = await stranger.play(same);
    expect((await stranger.get(`jobs/${jobId}/cost`))['tips']).toEqual([]);
  });

  it('[C12] come with an answer of more than twenty files, packed or not, whatever else its ZIP holds', async () => {
    const { manager } = stack.entities;
    const { accountId, botId: subject } = owner.bot;
    const tree = 'b'.repeat(64);
    const withFiles = async (files: number): Promise<string> => {
      const id = await play({ steps: [{ ...large, report: { tree } }, packaging()], requestKind: 'debug' });
      const entries = Array.from({ length: files }, (_, n) => ({ path: `${n}.ts`, sha256: tree, bytes: 1 }));
      const newBodies = new Map([[tree, 'x']]);
      await saveTree(manager, { accountId, subject, jobId: id, hash: tree, entries, newBodies });
      return id;
    };
    const packed = await withFiles(20);
    const [createdAt, expiresAt] = [instant(Date.now()), instant(Date.now() + HOUR)];
    const zip = { files: 22, sha256: tree, body: Buffer.from('zip'), createdAt, expiresAt };
    await saveArtefact(manager, { accountId, subject, jobId: packed, ...zip });
    expect(await tipsOfJob(packed)).toEqual([]);
    expect(await tipsOfJob(await withFiles(21))).toEqual(['split_large_task 21/21']);
  });
});

describe('the tips of an account', () => {
  const WHOLE = 'from=2039-01-01T00:00:00Z&to=2039-02-01T00:00:00Z';

  async function tipsAfter(account: PostedJobs, count: number, job: (n: number) => Omit<PlayedJob, 'bot'>) {
    for (let n = 0; n < count; n += 1) await account.play({ asOf: after(T0, n * HOUR), ...job(n) });
    const { tips } = usageBody.strict().parse(await account.get(`account/usage?${WHOLE}`, account.accountKey));
    return tips.map(({ code, figure }) => `${code} ${figure}`);
  }

  const tipsOf = async (account: PostedJobs): Promise<string[]> => tipsAfter(account, 0, () => ({ steps: [] }));

  let asked = 0;
  interface HowEnded {
    readonly state: JobState;
    readonly reason: EndReason;
    readonly cause: LoopCause | null;
  }
  async function ended(account: PostedJobs, { state, reason, cause }: HowEnded): Promise<Played> {
    const asOf = after(T0, asked * HOUR);
    const job = await account.play({ steps: [turn()], bodyHash: `ended-${(asked += 1)}`, asOf });
    if (cause !== null) await account.findLoop(job, {}, cause);
    await stack.entities.manager.query('UPDATE ledger.jobs SET state = $2, end_reason = $3 WHERE id = $1', [
      job.jobId,
      state,
      reason,
    ]);
    return job;
  }

  it('[D14] tell to join small tasks from the tenth on that costs the smallest charge', async () => {
    const account = await PostedJobs.open(stack);
    const tiny = (n: number) => ({ steps: [turn({ used: use({ input: 100, calls: 1 }) })], bodyHash: `tiny-${n}` });
    expect(await tipsAfter(account, 9, tiny)).toEqual([]);
    expect(await tipsAfter(account, 1, () => tiny(9))).toEqual(['join_small_tasks 10']);
  });

  it('[E37] tell to learn from a request that cost many times the average', async () => {
    const account = await PostedJobs.open(stack);
    const usual = (n: number) => ({ steps: [turn()], bodyHash: `usual-${n}` });
    expect(await tipsAfter(account, 20, usual)).toEqual([]);
    const dear = { steps: Array.from({ length: 8 }, () => turn()), bodyHash: 'dear' };
    expect(await tipsAfter(account, 1, () => dear)).toEqual(['learn_from_costly 600']);
  });

  it('[D14] tell to look at the last answer where the same is asked again and again', async () => {
    const account = await PostedJobs.open(stack);
    expect(await tipsAfter(account, 2, () => ({ steps: [turn()] }))).toEqual([]);
    expect(await tipsAfter(account, 1, () => ({ steps: [turn()] }))).toEqual(['review_first 2']);
  });

  it('[D14] tell to mend errors early by jobs that failed by their own work, and by no others', async () => {
    const account = await PostedJobs.open(stack);
    const failed = async (state: JobState, reason: EndReason, cause: LoopCause | null = null): Promise<string[]> => {
      await ended(account, { state, reason, cause });
      return tipsOf(account);
    };
    await failed('stopped_loop', 'loop_detected', 'user_fault');
    await failed('stopped_loop', 'loop_detected', 'unclear');
    for (const reason of ['platform_failed', 'provider_failed', 'credits_exhausted'] as const) {
      expect([reason, await failed('failed', reason)]).toEqual([reason, []]);
    }
    expect(await failed('stopped_loop', 'loop_detected', 'platform_fault')).toEqual([]);
    expect(await failed('failed', 'provider_refused')).toEqual(['fix_errors_early 3']);
  });

  it('[C12] [D14] follow the last word on the cause of a loop', async () => {
    const account = await PostedJobs.open(stack);
    const looped = { state: 'stopped_loop', reason: 'loop_detected', cause: 'platform_fault' } as const;
    const jobs = [await ended(account, looped), await ended(account, looped), await ended(account, looped)];
    expect(await tipsOf(account)).toEqual([]);
    for (const job of jobs) await isSaid(job, { number: 1, cause: 'user_fault' });
    expect(await tipsOf(account)).toEqual(['fix_errors_early 3']);
    await isSaid(jobs[0], { number: 2, cause: 'platform_fault' });
    expect(await tipsOf(account)).toEqual([]);
  });
});

describe('tips in the catalogue', () => {
  it('[C12, D14, E37] come first where own work has called for them, with what was measured', async () => {
    const account = await PostedJobs.open(stack);
    const steps = [turn({ used: use({ input: 3_000, output: 200, calls: 1 }) })];
    const debug = { steps, requestKind: 'debug', maxCredits: creditsOf('50') } as const;
    await account.play({ ...debug, contextBytes: 39_999, bodyHash: 'one' });
    const quiet = tipsBody.parse(await account.get('tips'));
    expect(quiet.data.flatMap(({ given }) => given)).toEqual([]);
    const { jobId } = await account.play({ ...debug, contextBytes: 40_000, bodyHash: 'other' });
    const { data } = tipsBody.strict().parse(await account.get('tips'));
    const others = TIP_CODES.filter((code) => code !== 'select_less');
    expect(data.map(({ code }) => code)).toEqual(['select_less', ...others]);
    expect(data[0]?.given).toEqual([
      { of: 'job', job_id: jobId, measure: 'context_bytes', from: 40_000, figure: 40_000 },
    ]);
    expect(data.slice(1).flatMap(({ given }) => given)).toEqual([]);
  });

  it('have a page that names each of them and what calls for it', async () => {
    const { data } = tipsBody.parse(await owner.get('tips'));
    const page = await fetch(`${stack.apiUrl}${data[0]?.docs ?? ''}`);
    const text = await page.text();
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    for (const { code, triggers } of data) {
      expect([code, text.includes(`<code>${code}</code>`)]).toEqual([code, true]);
      for (const { measure } of triggers) expect([code, text.includes(measure)]).toEqual([code, true]);
    }
  });
});
