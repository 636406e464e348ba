// Goal: each report gets the outcome that its thread has, whoever reports it; what comes back is what is left of those
// steps that were picked. Method: the running stack; jobs posted straight to the ledger, and some of people.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { USAGE_REVIEW_WORKFLOW, usageReviewWorkflowId } from '@fairmeter/contracts';
import { instant } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import type { Answer } from '../harness/bot-client.js';
import { BotClient } from '../harness/bot-client.js';
import { use } from '../harness/orders.js';
import { giveVisitor } from '../harness/payers.js';
import type { Played, PlayedStep } from '../harness/played-jobs.js';
import { threeSteps } from '../harness/scripts.js';
import type { SignedIn } from '../harness/signed-in.js';
import { visit, type Visitor } from '../harness/visitors.js';
import { withCopies } from './long-thread.js';
import { PostedJobs, turn } from './posted-jobs.js';
import type { Body } from './reviewing.js';
import { DETAILS, reportedBy, Reviewing } from './reviewing.js';

let reviewing: Reviewing;
let posted: PostedJobs;
let owner: SignedIn;
let member: SignedIn;
let visitor: Visitor;
let payer: Visitor;
let visitorsJob: string;
let paidJob: string;
let freeJob: string;
let membersJob: string;
const email = `ben-${newId('usr')}@example.com`;

beforeAll(async () => {
  // What these threads cost one of the support may restore alone.
  reviewing = await Reviewing.open({ models: threeSteps().port, worker: { GRANT_ALONE_SUPPORT_CREDITS: '50' } });
  posted = await PostedJobs.open(reviewing.stack);
  const { accountId } = posted.bot;
  owner = await reviewing.person(accountId, 'owner', { email, email_verified: true });
  member = await reviewing.person(accountId, 'member');
  visitor = await visit(reviewing.stack, posted.bot, 'ann@shop');
  payer = await visit(reviewing.stack, posted.bot, 'pays@shop');
  await giveVisitor(reviewing.stack, posted.bot, { visitorId: payer.id, kind: 'eu_pack', credits: '10' });
  [visitorsJob, freeJob, paidJob, membersJob] = await Promise.all([
    visitor.client.submit({ key: 'visit', body: { prompt: 'A page' } }).then(idOf),
    visitor.client.submit({ key: 'again', body: { prompt: 'A list' } }).then(idOf),
    payer.client.submit({ key: 'pays', body: { prompt: 'A shop' } }).then(idOf),
    member.once(`/v1/bots/${posted.bot.botId}/jobs`, { body: { prompt: 'A form' } }).then(idOf),
  ]);
  const client = new BotClient(reviewing.stack, { ...posted.bot, key: posted.accountKey });
  await Promise.all([visitorsJob, freeJob, paidJob, membersJob].map(async (id) => client.ended(id)));
}, 60_000);
afterAll(async () => {
  await reviewing.close();
}, 60_000);

function idOf({ status, body }: Answer): string {
  if (status >= 300) throw new Error(JSON.stringify(body));
  return String(body['id']);
}

const now = instant(0);
const play = async (...steps: PlayedStep[]): Promise<Played> => posted.play({ steps, asOf: now });

async function report(thread: string, by = owner): Promise<Answer> {
  return by.once('/v1/reviews', { body: { thread, ...DETAILS } });
}

/** Reported by the owner, and looked into. */
async function lookedInto({ jobId }: Pick<Played, 'jobId'>): Promise<{ readonly id: string; readonly analysis: Body }> {
  const id = idOf(await report(jobId));
  const { body } = await reviewing.desk(id, 'analyse');
  return { id, analysis: body['analysis'] as Body };
}

const confirmed = { verdict: 'partly_confirmed', cause: 'bug_repeats', reasons: 'It ran twice.' };
const refused = { verdict: 'not_confirmed', cause: 'none', reasons: 'The task was large.' };

describe('a report', () => {
  it('[E26] by form and one by mail open the same kind of case', async () => {
    const [formed, mailed] = [await play(turn()), await play(turn())];
    const form = await report(formed.jobId);
    const lines = ['Task: A page', 'Model: unknown', 'Preview: red', 'Messages: 3', 'Large files: none'];
    const letter = { message_id: `<${newId('req')}@mail.example>`, from: email, subject: 'High Credit Usage Review' };
    const mail = await reviewing.mail({ ...letter, text: [`Thread: ${mailed.jobId}`, ...lines].join('\n') });
    const byMail = await owner.get(`/v1/reviews/${String(mail.body['review_id'])}`);
    expect(form.status).toBe(201);
    expect([form.body, byMail.body]).toMatchObject([
      { channel: 'form', state: 'submitted', missing: [], thread: { job_id: formed.jobId } },
      { channel: 'mail', state: 'submitted', missing: [], thread: { job_id: mailed.jobId } },
    ]);
    expect(Object.keys(form.body)).toEqual(Object.keys(byMail.body));
    for (const { body } of [form, byMail]) {
      const run = reviewing.stack.temporal.client.workflow.getHandle(usageReviewWorkflowId(String(body['id'])));
      expect((await run.describe()).type).toBe(USAGE_REVIEW_WORKFLOW);
    }
  });

  it('[E25] is taken from a member, of their own work alone', async () => {
    const own = await report(membersJob, member);
    expect([own.status, own.body]).toMatchObject([201, { state: 'submitted', thread: { job_id: membersJob } }]);
    const foreign = await report(visitorsJob, member);
    expect([foreign.status, foreign.body['errors']]).toMatchObject([422, [{ pointer: '/thread' }]]);
  });

  it('[E41] of a visitor beside the owner\u2019s is told its outcome, with reasons and advice, in German', async () => {
    const first = idOf(await report(visitorsJob));
    const second = await reportedBy(visitor.client, visitorsJob, 'de');
    expect([second.status, second.body]).toMatchObject([201, { duplicate_of: first, state: 'submitted' }]);
    await reviewing.desk(first, 'analyse');
    await reviewing.desk(first, 'decide', { body: refused });
    await reviewing.desk(first, 'close', { body: { advice: [{ tip: 'fit_model' }, { text: 'Ask for less.' }] } });
    const id = String(second.body['id']);
    const { body } = await visitor.client.get(`/v1/reviews/${id}`);
    expect(body).toMatchObject({
      ...{ id, state: 'closed_not_confirmed', verdict: 'not_confirmed', cause: 'none', restored: '0.000000' },
      ...{ reasons: refused.reasons, advice: [{ tip: 'fit_model', docs: '/docs/tips' }, { text: 'Ask for less.' }] },
      ...{ analysis: null, measured: null, may_reopen: false },
    });
    // Unlike the catalogue, which names what the account's own work has called for.
    expect((await visitor.client.fetch('/docs/tips')).status).toBe(200);
    expect((await visitor.client.get('/v1/tips/fit_model')).status).toBe(403);
    expect((await visitor.client.get(`/v1/reviews/${first}`)).status).toBe(404);
    expect(await reviewing.announced(id)).toMatchObject([
      {
        facts: { case_id: id, duplicate_of: first, state: 'closed_not_confirmed', advice: ['fit_model'] },
        ...{ visitor_id: visitor.id, language: 'de' },
      },
    ]);
  });
});

describe('what came back to a visitor', () => {
  const restored = async (by: Pick<BotClient, 'get'> | SignedIn, id: string): Promise<unknown> =>
    (await by.get(`/v1/reviews/${id}`)).body['restored'];

  it('[E35] is told to the visitor, and to the owner beside them without a figure', async () => {
    const first = idOf(await report(paidJob));
    const second = idOf(await reportedBy(payer.client, paidJob, 'en'));
    await reviewing.desk(first, 'analyse');
    const decided = await reviewing.desk(first, 'decide', { body: { ...confirmed, verdict: 'confirmed' } });
    expect(decided.body).toMatchObject({ state: 'notified', restored: '1.800000' });
    const notified = async (id: string): Promise<readonly Body[]> => {
      const told = await reviewing.announced(id);
      return told.map(({ facts }) => facts).filter(({ state }) => state === 'notified');
    };
    expect(await notified(first)).toEqual([{ case_id: first, state: 'notified', returned_to: 'visitor' }]);
    expect(await notified(second)).toEqual([
      { case_id: second, duplicate_of: first, state: 'notified', credits: '1.800000', kind: 'compensation' },
    ]);
    expect([await restored(owner, first), await restored(payer.client, second)]).toEqual(['0.000000', '1.800000']);
    const { data } = (await owner.get(`/v1/audit?target_id=${first}`)).body as { data: Body[] };
    expect(data.find(({ action }) => action === 'review.restored')).toMatchObject({ after: { credits: '0.000000' } });
  });

  it('[E35] is no news of a visitor where the owner had paid', async () => {
    const first = idOf(await reportedBy(visitor.client, freeJob, 'en'));
    await reviewing.desk(first, 'analyse');
    await reviewing.desk(first, 'decide', { body: { ...confirmed, verdict: 'confirmed' } });
    const told = (await reviewing.announced(first)).map(({ facts }) => facts);
    expect(told.at(-1)).toEqual({ case_id: first, state: 'notified', returned_to: 'owner' });
    expect([await restored(visitor.client, first), await restored(owner, first)]).toEqual(['0.000000', '1.800000']);
  });
});

describe('the desk', () => {
  it('[E29] lists what failed, and of a calm thread nothing', async () => {
    const calm = await lookedInto(await play(turn(), turn()));
    expect(calm.analysis).toMatchObject({ loops: [], failures: [] });
    const failing = await play(turn(), turn({ failed: [use({ input: 10, calls: 1 })] }));
    const { analysis } = await lookedInto(failing);
    const failure = {
      job_id: failing.jobId,
      step: 2,
      attempt: 1,
      fault: 'unavailable',
      charge_class: 'platform_fault',
    };
    expect(analysis).toMatchObject({ loops: [] });
    expect(analysis['failures']).toEqual([failure]);
  });

  it('[E28] [E29] looks at the latest of very many, and says how many it leaves out', async () => {
    const thread = { threadId: 'thr_long', asOf: now };
    const latest = await posted.play({ ...thread, steps: [turn({ failed: [use({ calls: 1 }), use({ calls: 1 })] })] });
    await withCopies(reviewing.stack, { of: latest, count: 304 }, async () => {
      const { id, analysis } = await lookedInto({ jobId: `${posted.bot.botId}/threads/${thread.threadId}` });
      const [jobs, failures] = [analysis['jobs'] as Body[], analysis['failures'] as Body[]];
      expect(analysis['left_out']).toEqual({ jobs: 5, failures: 100, loops: 0 });
      expect([jobs.length, failures.length, jobs.at(-1)?.['job_id']]).toEqual([300, 500, latest.jobId]);
      expect(failures.at(-1)).toMatchObject({ job_id: latest.jobId, attempt: 2 });
      expect(await reviewing.seen(id)).toMatchObject({ measured: { messages: 305 } });
    });
  });

  it('[E32] names one of four causes, and none where nothing is confirmed', async () => {
    const { id } = await lookedInto(await play(turn()));
    for (const cause of ['weather', 'none']) {
      const body = { verdict: 'confirmed', cause, reasons: 'So it was.' };
      const { status, body: problem } = await reviewing.desk(id, 'decide', { body });
      expect([status, problem['errors']]).toMatchObject([422, [{ pointer: '/cause' }]]);
    }
    expect(await reviewing.seen(id)).toMatchObject({ state: 'analysing', cause: null });
  });

  it('[E39] restores the steps that were picked, and lets the others stay', async () => {
    const job = await play(turn(), turn(), turn());
    const { id } = await lookedInto(job);
    const steps = [{ job_id: job.jobId, steps: [2] }];
    const decided = await reviewing.desk(id, 'decide', { body: { ...confirmed, steps } });
    expect(decided.body).toMatchObject({ state: 'notified', restorable: '0.600000', restored: '0.600000' });
    const cost = await posted.get(`jobs/${job.jobId}/cost`);
    expect((cost['steps'] as readonly Body[]).map(({ refunded }) => refunded)).toEqual([
      ...['0.000000', '0.600000', '0.000000'],
    ]);
    expect(cost).toMatchObject({ charge: '1.800000', refunded: '0.600000', net: '1.200000' });
  });

  it('[E33] [E40] restores what is left beside earlier refunds, as credits that the account sees by kind', async () => {
    const { accountId } = posted.bot;
    const before = await reviewing.restoredTo(accountId);
    const job = await play(turn(), turn());
    await posted.refund(job, 'support/cps_before/1', 1);
    const { id } = await lookedInto(job);
    const decided = await reviewing.desk(id, 'decide', { body: { ...confirmed, verdict: 'confirmed' } });
    expect(decided.body).toMatchObject({ state: 'notified', restorable: '0.900000', restored: '0.900000' });
    const lots = (await reviewing.restoredTo(accountId)).slice(before.length);
    const ref = `refund/${job.jobId}/review/${id}/1/other`;
    expect(lots).toMatchObject([{ kind: 'compensation', granted: '900000', source_ref: ref }]);
    const all = before.reduce((sum, { granted }) => sum + BigInt(String(granted)), 900_000n);
    const { body } = await owner.get('/v1/account/credits');
    const { kinds } = body['bonus'] as { kinds: readonly Body[] };
    const [shown] = kinds.filter(({ kind }) => kind === 'compensation');
    expect(Number(shown?.['available']) * 1_000_000).toBeCloseTo(Number(all), 0);
  });

  it('[E36] [E41] closes what is not confirmed with advice alone, and has it opened once more', async () => {
    const { id } = await lookedInto(await play(turn()));
    await reviewing.desk(id, 'decide', { body: refused });
    const silent = await reviewing.desk(id, 'close', { body: { advice: [] } });
    expect([silent.status, silent.body['code']]).toEqual([422, 'advice_needed']);
    await reviewing.desk(id, 'close', { body: { advice: [{ tip: 'be_specific' }] } });
    const { body } = await owner.get(`/v1/reviews/${id}`);
    expect(body).toMatchObject({
      ...{ state: 'closed_not_confirmed', reasons: refused.reasons, advice: [{ tip: 'be_specific' }] },
      ...{ analysis: { baseline: { samples: expect.any(Number) } }, may_reopen: true },
    });
    const reopen = async (): Promise<Answer> =>
      owner.call('POST', `/v1/reviews/${id}/reopen`, { facts: 'It came again.' });
    expect((await reopen()).body).toMatchObject({ state: 'reopened' });
    await reviewing.desk(id, 'analyse');
    await reviewing.desk(id, 'decide', { body: refused });
    await reviewing.desk(id, 'close', { body: { advice: [{ text: 'Split it.' }] } });
    const again = await reopen();
    expect([again.status, again.body['code']]).toEqual([409, 'review_reopened_before']);
  });

  it('is listed to the owner and to staff without what was found in its thread', async () => {
    const { id, analysis } = await lookedInto(await play(turn()));
    expect(analysis).toMatchObject({ jobs: [{ steps: expect.any(Number) }] });
    const pages = [await owner.get('/v1/reviews'), await reviewing.support.call('GET', '/v1/support/reviews')];
    for (const { body } of pages) {
      const listed = (body['data'] as readonly Body[]).find((one) => one['id'] === id);
      expect(listed).toMatchObject({ state: 'analysing', measured: { messages: 1 }, analysis: null });
    }
  });

  it('waits with its clock for what it asks, and goes on with the answer', async () => {
    const { jobId } = await play(turn());
    const id = idOf(await report(jobId));
    const asked = await reviewing.desk(id, 'ask', { body: { missing: ['task'], reason: 'Which page?' } });
    expect(asked.body).toMatchObject({ state: 'needs_info', missing: ['task'], overdue: false });
    const paused = async (): Promise<unknown> => {
      const [row] = await reviewing.stack.entities.manager.query<{ paused: boolean }[]>(
        'SELECT paused_at IS NOT NULL AS paused FROM records.review_cases WHERE id = $1',
        [id],
      );
      return row?.paused;
    };
    expect(await paused()).toBe(true);
    expect((await reviewing.announced(id)).at(-1)?.facts).toMatchObject({ state: 'needs_info', needs: ['task'] });
    const told = await owner.call('POST', `/v1/reviews/${id}/info`, { task: 'The start page' });
    expect(told.body).toMatchObject({ state: 'submitted', missing: [], reported: { task: 'The start page' } });
    expect(await paused()).toBe(false);
  });

  it('is not for the staff\u2019s own accounts', async () => {
    const { jobId, accountId } = await play(turn());
    const id = idOf(await report(jobId));
    const { manager } = reviewing.stack.entities;
    await manager.query(`INSERT INTO records.memberships (account_id, user_id, role) VALUES ($1, $2, 'member')`, [
      accountId,
      await reviewing.admin.userId(),
    ]);
    const own = await reviewing.desk(id, 'analyse', { by: reviewing.admin });
    expect([own.status, own.body['code']]).toEqual([403, 'forbidden']);
    expect((await reviewing.desk(id, 'analyse')).body).toMatchObject({ state: 'analysing' });
  });
});
