// Goal: a thread that cost too much is reported, looked at, restored by two people and closed with advice. Method: one
// story on the running stack, played in set-up, with the workflow's clock moved over a weekend and a holiday.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { USAGE_REVIEW_WORKFLOW, usageReviewWorkflowId } from '@fairmeter/contracts';
import { instant } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import { recordIncident } from '@fairmeter/records';
import type { Answer } from '../harness/bot-client.js';
import { keepStory } from '../harness/kept-stories.js';
import { openBot } from '../harness/people.js';
import { DAY_MS, HOUR_MS, nextFriday } from '../harness/next-friday.js';
import { ReportingBot } from '../harness/reporting-bot.js';
import type { SignedIn } from '../harness/signed-in.js';
import type { StaffClient } from '../harness/staff.js';
import { skipWorkflow } from '../harness/time-skip.js';
import { playLikeTasks } from './like-tasks.js';
import { failingJob } from './looping-thread.js';
import { DETAILS, Reviewing } from './reviewing.js';

const { friday, monday } = nextFriday(Date.now());
const email = `ann-${newId('usr')}@example.com`;

let reviewing: Reviewing;
let owner: SignedIn;
let stranger: SignedIn;
let bot: ReportingBot;
const jobs: string[] = [];
const story: Record<string, Answer> = {};

beforeAll(async () => {
  // Whatever support restores takes a second person.
  const worker = { REVIEW_HOLIDAYS: monday, GRANT_ALONE_SUPPORT_CREDITS: '0', REVIEW_BASELINE_FLOOR: '4' };
  reviewing = await Reviewing.open({ worker });
  const { stack } = reviewing;
  bot = await ReportingBot.open(stack);
  owner = await reviewing.person(bot.owner.accountId, 'owner', { email, email_verified: true });
  stranger = await reviewing.person((await openBot(stack)).accountId, 'owner');
  for (const key of ['first', 'second', 'third']) jobs.push(await failingJob(bot, key));
  await play();
}, 60_000);
afterAll(async () => {
  await reviewing.close();
}, 60_000);

/** Of a tool that the thread did not use: it lies in its time and is evidence of nothing. */
const INCIDENT = {
  id: newId('inc'),
  from: instant(Date.now() - HOUR_MS),
  until: null,
  scope: 'tool',
  name: 'another',
  description: 'Slow answers.',
} as const;
const LETTER = { message_id: '<one@mail.example>', from: `Ann <${email}>`, subject: 'RE: high  credit usage REVIEW' };
const steps = (id: string): { job_id: string; steps: number[] } => ({ job_id: id, steps: [1, 2] });

type Desk = (verb: string, body?: object, by?: StaffClient) => Promise<Answer>;

async function play(): Promise<void> {
  const { stack, support, admin } = reviewing;
  const text = `Thread: ${bot.owner.botId}/threads/again\nTask: Publish a page`;
  story['mailed'] = await reviewing.mail({ ...LETTER, text });
  story['again'] = await reviewing.mail({ ...LETTER, text });
  const id = String(story['mailed'].body['review_id']);
  const path = `/v1/reviews/${id}`;
  const desk: Desk = async (verb, body = {}, by = support) => reviewing.desk(id, verb, { body, by });
  const skipTo = async (to: number): Promise<void> => skipWorkflow(stack, usageReviewWorkflowId(id), { to });
  story['asked'] = await owner.get(path);
  story['too early'] = await desk('analyse');
  await skipTo(friday);
  story['half'] = await owner.call('POST', `${path}/info`, { model: 'unknown' });
  story['completed'] = await owner.call('POST', `${path}/info`, DETAILS);
  await skipTo(friday + 4 * DAY_MS);
  story['not late'] = await support.call('GET', '/v1/support/reviews?overdue=true');
  story['calm'] = await support.call('GET', '/v1/admin/alerts');
  await skipTo(friday + 6 * DAY_MS);
  story['late'] = await support.call('GET', '/v1/support/reviews?overdue=true');
  story['alarmed'] = await support.call('GET', '/v1/admin/alerts');
  await recordIncident(stack.entities.manager, INCIDENT);
  story['analysed'] = await desk('analyse');
  const found = { cause: 'system_errors', reasons: 'Our bundler was away.' };
  story['partly'] = await desk('decide', { verdict: 'partly_confirmed', ...found, steps: jobs.slice(1).map(steps) });
  story['alone'] = await desk('approve', { reason: 'Fine' });
  story['credits before'] = await owner.get('/v1/account/credits');
  story['approved'] = await desk('approve', { reason: 'Looked at it' }, admin);
  story['credits after'] = await owner.get('/v1/account/credits');
  story['no advice'] = await desk('close', { advice: [] });
  story['closed'] = await desk('close', { advice: [{ tip: 'fresh_thread' }, { text: 'Stop after two tries.' }] });
  story['told'] = await owner.get(path);
  await keepStory(stack, 'restored', { workflowId: usageReviewWorkflowId(id), workflow: USAGE_REVIEW_WORKFLOW });
  await playAgain(path, desk);
}

/** Of what came back before nothing is left, also where all of it is confirmed now. */
async function playAgain(path: string, desk: Desk): Promise<void> {
  story['second report'] = await owner.once('/v1/reviews', { body: { thread: jobs[0], ...DETAILS } });
  story['reopened'] = await owner.call('POST', `${path}/reopen`, { facts: 'It was slow before, too.' });
  await playLikeTasks(reviewing.stack);
  story['analysed again'] = await desk('analyse');
  story['all'] = await desk('decide', { verdict: 'confirmed', cause: 'system_errors', reasons: 'The first one, too.' });
  story['all approved'] = await desk('approve', { reason: 'Looked at it' }, reviewing.admin);
  story['closed again'] = await desk('close', { advice: [{ tip: 'be_specific' }] });
}

const told = (name: string): Answer['body'] => story[name]?.body ?? {};
const part = (name: string, key: string): Answer['body'] => told(name)[key] as Answer['body'];

describe('a thread that cost too much', () => {
  it('[E26] is reported by mail once, whatever the case and marks of its subject, and lacks details', () => {
    expect(story['mailed']?.status).toBe(202);
    expect(told('mailed')).toMatchObject({
      outcome: 'review',
      missing: ['model', 'build_state', 'message_count', 'large_files'],
    });
    expect(told('again')['review_id']).toBe(told('mailed')['review_id']);
    expect(told('asked')).toMatchObject({ state: 'needs_info', channel: 'mail', due_at: null });
    expect(told('too early')).toMatchObject({ status: 409, code: 'review_in_state' });
  });

  it('[E26] asks an unknown address for the account\u2019s, and hears no mail that is not signed', async () => {
    const unknown = { ...LETTER, message_id: '<two@mail.example>', from: 'who@example.net', text: 'Task: x' };
    const { body } = await reviewing.mail(unknown);
    expect(body).toMatchObject({ outcome: 'address_needed', reply: { to: 'who@example.net' } });
    expect((await reviewing.mail({ ...unknown, text: `I am ${email}` })).body).toMatchObject({ outcome: 'review' });
    expect((await reviewing.mail(unknown, Buffer.alloc(24, 4))).body).toMatchObject({ code: 'signature_invalid' });
  });

  it('[E25] [E27] names what is still missing, and keeps the words beside what was measured', async () => {
    const errors = told('half')['errors'] as readonly { pointer: string }[];
    expect(errors.map(({ pointer }) => pointer)).toEqual(['/build_state', '/message_count', '/large_files']);
    const { large_files: _, ...rest } = DETAILS;
    const form = await owner.once('/v1/reviews', { body: { thread: jobs[0], ...rest } });
    expect([form.status, form.body['errors']]).toMatchObject([422, [{ pointer: '/large_files' }]]);
    expect(told('completed')).toMatchObject({
      state: 'submitted',
      reported: { task: 'Publish a page', model: 'unknown' },
      measured: {
        ...{ models: ['demo-coder'], messages: 3, context_tokens: { latest: 2, most: 2 } },
        ...{ charge: '1.800000', refunded: '0.000000' },
      },
    });
  });

  it('[E34] [edge 62] is due with the Wednesday after a Friday and a holiday, and late from then on', () => {
    const due = Math.floor(friday / DAY_MS) * DAY_MS + 6 * DAY_MS;
    expect(told('completed')).toMatchObject({
      target_at: new Date(due - DAY_MS).toISOString(),
      due_at: new Date(due).toISOString(),
    });
    expect(told('not late')['data']).toEqual([]);
    expect(told('late')['data']).toMatchObject([{ id: told('completed')['id'], overdue: true, reported: null }]);
    const late = (name: string): unknown[] =>
      (told(name)['data'] as { code: string }[]).filter(({ code }) => code === 'review_overdue');
    expect([late('calm'), late('alarmed')]).toMatchObject([[], [{ figure: 1 }]]);
  });

  it('[E28] [E29] [E30] shows its jobs one by one, the loop over them, and the incidents of its time', () => {
    const analysis = part('analysed', 'analysis');
    expect(analysis['jobs']).toMatchObject(jobs.map((id) => ({ job_id: id, charge: '0.600000' })));
    const at = (step: number, ids = jobs): object[] => ids.map((id) => ({ job_id: id, step }));
    expect(analysis['loops']).toEqual([
      {
        ...{ signal: 'equal_errors', cause: 'unclear', subject: 'tool.publish', incidents: [] },
        ...{ steps: at(2), repeats: at(1, jobs.slice(1)) },
      },
    ]);
    expect(analysis['incidents']).toMatchObject([{ id: INCIDENT.id, scope: 'tool', name: 'another' }]);
    // What its own tools failed in is no failure of a step.
    expect(analysis['failures']).toEqual([]);
  });

  it('[E31] is compared with enough jobs of its kind, model and class of context, of live use alone, or not', () => {
    const compared = (name: string): unknown => part(name, 'analysis')['baseline'];
    expect(compared('analysed')).toMatchObject({ samples: 0, median: null, p90: null, percentile: null });
    expect(compared('analysed again')).toMatchObject({
      ...{ job_id: jobs[0], request_kind: 'generate', model: 'demo-coder', context_from: 0, context_to: 1_000 },
      ...{ samples: 4, median: '0.525000', p90: '0.900000', percentile: 50 },
    });
  });

  it('[E37] has the tips that its jobs call for proposed to whoever closes it', () => {
    const advice = part('analysed', 'analysis')['advice'];
    expect(advice).toContainEqual({ code: 'review_first', measure: 'asked_before', figure: 2, from: 1 });
  });

  it('is confirmed in part by one person, and let through by a second one alone', () => {
    expect(told('partly')).toMatchObject({ state: 'partly_confirmed', cause: 'system_errors', restorable: '1.200000' });
    expect(story['alone']?.status).toBe(403);
    expect(told('approved')).toMatchObject({ state: 'notified', restored: '1.200000' });
  });

  it('[E33] gets the charges of those steps back as credits of their own, under its case', async () => {
    const id = String(told('mailed')['review_id']);
    const lots = (await reviewing.restoredTo(bot.owner.accountId)).slice(0, 2);
    expect(lots).toEqual(
      jobs.slice(1).map((job) => ({
        ...{ kind: 'compensation', granted: '600000', expires_at: null },
        source_ref: `refund/${job}/review/${id}/1/other`,
      })),
    );
    for (const job of jobs.slice(1)) {
      const { body } = await bot.client.get(`/v1/jobs/${job}/cost`);
      expect(body['refunds']).toMatchObject([
        { lane: 'review', form: 'compensation', amount: '0.600000', case_ref: id },
      ]);
    }
  });

  it('[E35] tells the reporter once, by mail too, when the credits are there, with amount, kind and case', async () => {
    const available = (name: string): number => Number(told(name)['available']);
    expect(available('credits after') - available('credits before')).toBeCloseTo(1.2, 6);
    const id = told('mailed')['review_id'];
    const said = await reviewing.announced(id);
    expect(said.map(({ facts }) => facts['state']).slice(0, 5)).toEqual([
      ...['needs_info', 'submitted', 'analysing', 'notified', 'closed'],
    ]);
    const first = said.filter(({ facts }) => facts['state'] === 'notified' && facts['credits'] === '1.200000');
    expect(first).toMatchObject([
      {
        facts: { case_id: id, credits: '1.200000', kind: 'compensation' },
        ...{ visitor_id: null, mail_to: 'person', mail_ref: (await owner.get('/v1/me')).body['user_id'] },
      },
    ]);
  });

  it('[E36] is closed with advice alone', () => {
    expect(told('no advice')).toMatchObject({ status: 422, code: 'advice_needed' });
    expect(told('closed')).toMatchObject({ state: 'closed' });
    expect(told('told')).toMatchObject({
      restored: '1.200000',
      advice: [{ tip: 'fresh_thread', docs: '/v1/tips/fresh_thread' }, { text: 'Stop after two tries.' }],
    });
  });

  it('[edge 63] has one case: a second report is linked to the first', () => {
    expect(told('second report')).toMatchObject({
      ...{ duplicate_of: told('mailed')['review_id'], state: 'closed', restored: '1.200000', may_reopen: false },
      ...{ reasons: 'Our bundler was away.', advice: [{ tip: 'fresh_thread' }, { text: 'Stop after two tries.' }] },
    });
  });

  it('[E40] restores nothing of what came back before, also where all of it is confirmed', async () => {
    expect(told('reopened')).toMatchObject({ state: 'reopened' });
    const again = part('analysed again', 'analysis')['jobs'] as readonly { refundable: unknown }[];
    expect(again.map(({ refundable }) => refundable)).toEqual([[{ step: 1, credits: '0.600000' }], [], []]);
    expect(told('all')).toMatchObject({ state: 'confirmed', restorable: '0.600000' });
    expect(told('all approved')).toMatchObject({ state: 'notified', restored: '1.800000' });
    const ref = `refund/${String(jobs[0])}/review/${String(told('mailed')['review_id'])}/2/other`;
    const lots = await reviewing.restoredTo(bot.owner.accountId);
    expect(lots.slice(2)).toMatchObject([{ granted: '600000', source_ref: ref }]);
  });

  it('is not there for another account, and its desk not for its owner', async () => {
    const path = `/v1/reviews/${String(told('mailed')['review_id'])}`;
    expect((await stranger.get(path)).body).toMatchObject({ status: 404, code: 'review_not_found' });
    const foreign = await stranger.once('/v1/reviews', { body: { thread: jobs[0], ...DETAILS } });
    expect([foreign.status, foreign.body['errors']]).toMatchObject([422, [{ pointer: '/thread' }]]);
    expect((await owner.get('/v1/support/reviews')).status).toBe(403);
  });

  it('[F11] is offered to whoever had a job stopped by a loop that is not evidenced as ours', async () => {
    const { body } = await bot.client.get(`/v1/jobs/${jobs[2] ?? ''}`);
    expect(body).toMatchObject({ state: 'stopped_loop', refunded: '0.600000', links: { review: '/v1/reviews' } });
    expect((await bot.client.get(`/v1/jobs/${jobs[0] ?? ''}`)).body['links']).not.toHaveProperty('review');
  });

  it('[F26] leaves a line of the audit for each thing that the staff did', async () => {
    const lines = await reviewing.stack.entities.manager.query<{ action: string; actor_role: string }[]>(
      `SELECT action, actor_role FROM records.audit WHERE target_id = $1 ORDER BY id`,
      [told('mailed')['review_id']],
    );
    const byStaff = lines.filter(({ actor_role: role }) => role === 'support' || role === 'admin');
    expect(byStaff.map(({ action }) => action).slice(0, 4)).toEqual([
      ...['review.analysed', 'review.decided', 'review.approved', 'review.closed'],
    ]);
  });
});
