// Which jobs there are and how one ran, over HTTP: listed whole and once, drawn with its loops, pauses and refunds.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jobsBody } from '../../apps/api/src/jobs/jobs-body.js';
import { attemptsBody, stepsBody } from '../../apps/api/src/jobs/steps-body.js';
import { timelineBody } from '../../apps/api/src/jobs/timeline-body.js';
import { BotClient } from '../harness/bot-client.js';
import { after, beginOrder, HOUR, T0, use } from '../harness/orders.js';
import { openBot } from '../harness/people.js';
import type { Played } from '../harness/played-jobs.js';
import { TestStack } from '../harness/test-stack.js';
import { check, clarification, PostedJobs, SMALL, turn } from './posted-jobs.js';

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

async function timelineOf({ jobId }: Played, query = ''): Promise<ReturnType<typeof timelineBody.parse>> {
  return timelineBody.strict().parse(await owner.get(`jobs/${jobId}/timeline${query}`));
}

describe('the list of jobs', () => {
  let lister: PostedJobs;
  let jobs: Readonly<Record<string, Played>>;
  beforeAll(async () => {
    lister = await PostedJobs.open(stack);
    const plain = await lister.play({ steps: [turn()], requestKind: 'explain' });
    const later = await lister.play({ steps: [turn()], model: SMALL.model, asOf: after(T0, HOUR) });
    const looped = await lister.play({ steps: [turn(), turn(), turn(), turn()], asOf: after(T0, 2 * HOUR) });
    await lister.findLoop(looped, {});
    const refunded = await lister.play({ steps: [turn()], asOf: after(T0, 3 * HOUR) });
    await lister.refund(refunded, 'finding/1', 1);
    const running = await lister.play({ steps: [turn({ used: null })], settles: false, asOf: after(T0, 4 * HOUR) });
    jobs = { plain, later, looped, refunded, running };
  }, 60_000);

  const named = async (query: string, key?: string): Promise<string[]> => {
    const { data } = jobsBody.strict().parse(await lister.get(`jobs${query}`, key));
    return data.map(({ id }) => Object.entries(jobs).find(([, { jobId }]) => jobId === id)?.[0] ?? id);
  };

  it('is the newest first, page by page, whole and once while jobs arrive', async () => {
    expect(await named('')).toEqual(['running', 'refunded', 'looped', 'later', 'plain']);
    const seen: string[] = [];
    const arrived: string[] = [];
    for (let query: string | null = '?limit=2'; query !== null;) {
      const page = jobsBody.parse(await lister.get(`jobs${query}`));
      seen.push(...page.data.map(({ id }) => id));
      query = page.next_cursor === null ? null : `?limit=2&cursor=${page.next_cursor}`;
      arrived.push((await lister.play({ steps: [] })).jobId);
    }
    expect(seen).toEqual(['running', 'refunded', 'looped', 'later', 'plain'].map((name) => jobs[name]?.jobId));
    await stack.entities.manager.query('UPDATE ledger.jobs SET bot_id = $1, created_at = now() WHERE id = ANY ($2)', [
      'bot_other',
      arrived,
    ]);
  });

  it.each([
    ['kind=explain', ['plain']],
    ['model=card-small', ['later']],
    ['state=running', ['running']],
    ['state=completed&kind=generate', ['refunded', 'looped', 'later']],
    ['looped=true', ['looped']],
    ['looped=false&state=completed', ['refunded', 'later', 'plain']],
    ['refunded=true', ['refunded']],
    ['refunded=false', ['running', 'looped', 'later', 'plain']],
    ['created_from=2039-01-01T02:00:00Z&created_to=2039-01-01T04:00:00Z', ['refunded', 'looped']],
    ['type=chat', []],
    ['bot_id=bot_nobody', []],
    ['type=coding&model=card-coder&refunded=false&looped=false&kind=explain', ['plain']],
  ])('filtered by %s is %j', async (query, names) => {
    expect(await named(`?${query}`)).toEqual(names);
  });

  it('shows a bot its own jobs, the account those of all its bots, and a stranger none', async () => {
    const own = `bot_id=${lister.bot.botId}`;
    expect(await named(`?${own}`)).toHaveLength(5);
    expect(await named(`?${own}`, lister.accountKey)).toHaveLength(5);
    const sibling = await openBot(stack, { accountId: lister.bot.accountId });
    expect(await named('', sibling.key)).toEqual([]);
    expect(await named(`?${own}`, sibling.key)).toEqual([]);
    const stranger = await PostedJobs.open(stack);
    expect(await named(`?${own}`, stranger.accountKey)).toEqual([]);
  });

  it.each([
    ['jobs?limit=0', 'limit'],
    ['jobs?limit=201', 'limit'],
    ['jobs?state=done', 'state'],
    ['jobs?kind=guess', 'kind'],
    ['jobs?looped=yes', 'looped'],
    ['jobs?created_from=yesterday', 'created_from'],
    ['jobs?bot_id=1', 'bot_id'],
    ['jobs?cursor=nonsense', 'cursor'],
    ['jobs?cursor=MTpsZWRnZXI6bmV3ZXN0OjE', 'cursor'],
    ['jobs?colour=red', 'colour'],
    ['jobs/JOB/steps?limit=1001', 'limit'],
    ['jobs/JOB/steps?cursor=MTpqb2JzOmpvYl8x', 'cursor'],
    ['jobs/JOB/timeline?limit=1001', 'limit'],
    ['jobs/JOB/timeline?cursor=MTp0aW1lbGluZTo5OTk5OTk5OTk5OTk', 'cursor'],
  ])('refuses %s and names %s', async (path, parameter) => {
    const bot = new BotClient(stack, lister.bot);
    const answer = await bot.get(`/v1/${path.replace('JOB', String(jobs['plain']?.jobId))}`);
    expect([answer.status, answer.body['code']]).toEqual([422, 'validation_failed']);
    expect(answer.body['errors']).toMatchObject([{ parameter }]);
  });
});

describe('the timeline of a job', () => {
  it('[A28] draws iterations, steps, attempts, outcomes, loops and refunds in time, by stable ids', async () => {
    const job = await owner.play({
      paceMs: 1_000,
      steps: [
        turn({ stage: 'plan' }),
        turn({ failed: [use({ calls: 1 })] }),
        check({ verdict: 'changes_requested' }),
        turn({ stage: 'repair', iteration: 2 }),
        check({ iteration: 2, verdict: 'approved' }),
        clarification({ iteration: 2, used: null }),
      ],
    });
    const ref = (ordinal: number) => ({ jobId: job.jobId, ordinal });
    const evidence = { firstHonestStep: ref(1), steps: [ref(2)], repeats: [ref(4)], refundableSteps: [ref(4)] };
    await owner.findLoop(job, evidence);
    await owner.refund(job, 'finding/1', 4);
    const drawn = await timelineOf(job);
    const id = (ordinal: number): string => `${job.jobId}/steps/${ordinal}`;
    expect(drawn).toMatchObject({ origin: '2039-01-01T00:00:00.000Z', end_ms: 6_000, refunded: '0.300000' });
    expect(drawn.steps.map((step) => [step.id, step.start_ms, step.end_ms, step.outcome, step.charge])).toEqual([
      [id(1), 0, 500, 'done', '0.600000'],
      [id(2), 1_000, 1_500, 'done', '0.600000'],
      [id(3), 2_000, 2_500, 'changes_requested', '0.012000'],
      [id(4), 3_000, 3_500, 'done', '0.600000'],
      [id(5), 4_000, 4_500, 'approved', '0.012000'],
      [id(6), 5_000, 6_000, 'stopped', '0.000000'],
    ]);
    expect(drawn.steps[1]?.attempts).toMatchObject([
      { id: `${id(2)}/attempts/1`, charge_class: 'platform_fault', fault: 'unavailable' },
      { id: `${id(2)}/attempts/2`, charge_class: 'billable', fault: null, start_ms: 1_000, end_ms: 1_500 },
    ]);
    expect(drawn.iterations).toMatchObject([
      { id: `${job.jobId}/iterations/1`, start_ms: 0, end_ms: 2_500, charge: '1.212000', steps: [1, 2, 3].map(id) },
      { iteration: 2, start_ms: 3_000, end_ms: 6_000, charge: '0.612000', refunded: '0.300000' },
    ]);
    expect(drawn.steps.map(({ marks }) => marks.map(({ mark }) => mark))).toEqual([
      ['honest'],
      ['counted'],
      [],
      ['repeat', 'refunded', 'found_here'],
      [],
      [],
    ]);
    expect(drawn.steps[3]).toMatchObject({ refunded: '0.300000' });
    expect(drawn.loops).toMatchObject([{ id: `${job.jobId}/findings/1`, at_ms: 4_000, found_at: id(4) }]);
    expect(drawn.refunds).toMatchObject([{ lane: 'auto', finding: 1, amount: '0.300000', steps: [id(4)] }]);
    expect(await timelineOf(job)).toEqual(drawn);
  });

  it('[A28] draws the time in which it waited for credits, up to the step that came after', async () => {
    const waiter = await PostedJobs.open(stack);
    const job = await waiter.play({ paceMs: 1_000, steps: [turn()], settles: false });
    const { accountId, jobId } = job;
    await stack.entities.manager.query(
      `WITH scope AS (
         UPDATE ledger.scopes SET outbox_seq = outbox_seq + 1 WHERE id = $1 RETURNING outbox_seq)
       INSERT INTO ledger.outbox (scope_id, scope_seq, account_id, job_id, type, payload, effective_at)
       SELECT $1, outbox_seq, $2, $3, 'job.awaiting_credits', $4, '2039-01-01T00:00:00.600Z' FROM scope`,
      [`account/${accountId}`, accountId, jobId, JSON.stringify({ reason: 'credits_exhausted', required: '2.000000' })],
    );
    const pause = { reason: 'credits_exhausted', required: '2.000000', start_ms: 600 };
    const pauses = async (): Promise<unknown> => (await waiter.get(`jobs/${jobId}/timeline`))['pauses'];
    expect(await pauses()).toMatchObject([{ ...pause, end_ms: null }]);
    const { stage, kind, price } = turn();
    for (const [ordinal, asOf] of [5_000, 9_000].entries()) {
      const order = beginOrder(ordinal + 2, { stage, kind, price });
      const begun = await stack.jobs.beginStep({ payer: job, tryKey: 'later', asOf: after(T0, asOf), order });
      expect(begun).toMatchObject({ ok: true });
    }
    expect(await pauses()).toMatchObject([{ ...pause, end_ms: 5_000 }]);
    expect((await timelineOf(await owner.play({ steps: [turn()] }))).pauses).toEqual([]);
  });

  it('[A28] is one page for a job of 1,000 steps, and pages of any size are the same whole', async () => {
    const steps = Array.from({ length: 1_000 }, (_, index) => check({ iteration: 1 + Math.floor(index / 10) }));
    const job = await owner.play({ steps, paceMs: 10 });
    const whole = await timelineOf(job);
    expect([whole.steps.length, whole.iterations.length, whole.next_cursor]).toEqual([1_000, 100, null]);
    const found: unknown[] = [];
    for (let query: string | null = '?limit=300'; query !== null;) {
      const page = await timelineOf(job, query);
      found.push(...page.steps);
      query = page.next_cursor === null ? null : `?limit=300&cursor=${page.next_cursor}`;
    }
    expect(found).toEqual(whole.steps);
  }, 120_000);
});

describe('the steps of a job', () => {
  it('are listed page by page, and each leads to its attempts with the lines of the card', async () => {
    const failed = [use({ input: 10, calls: 1 })];
    const job = await owner.play({ steps: [turn({ failed }), check(), turn(), check(), turn()] });
    const first = stepsBody.strict().parse(await owner.get(`jobs/${job.jobId}/steps?limit=3`));
    expect(first.data.map(({ step, attempts, charge }) => [step, attempts, charge])).toEqual([
      [1, 2, '0.600000'],
      [2, 1, '0.012000'],
      [3, 1, '0.600000'],
    ]);
    const rest = stepsBody.parse(await owner.get(`jobs/${job.jobId}/steps?limit=3&cursor=${first.next_cursor}`));
    expect([rest.data.map(({ step }) => step), rest.next_cursor]).toEqual([[4, 5], null]);
    const tries = attemptsBody.strict().parse(await owner.get(`jobs/${job.jobId}/steps/1/attempts`));
    expect(tries.step).toEqual(first.data[0]);
    expect(tries.data.map((tried) => [tried.attempt, tried.charge_class, tried.priced])).toEqual([
      [1, 'platform_fault', '0.003000'],
      [2, 'billable', '0.600000'],
    ]);
    const bot = new BotClient(stack, owner.bot);
    for (const step of ['6', '0', '-1', 'x', '99999999999']) {
      const answer = await bot.get(`/v1/jobs/${job.jobId}/steps/${step}/attempts`);
      expect([answer.status, answer.body['code']]).toEqual([404, 'not_found']);
    }
  });
});
