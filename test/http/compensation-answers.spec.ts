// Goal: refusals of staff are decided anew, an old preview gives nobody what they may not give now, and what broke off
// goes on. Method: the running stack; rows set as time, another role or a crash would have left them.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CompensationActivities } from '@fairmeter/contracts';
import { newId } from '@fairmeter/platform/database';
import { findCompensation, notePreviewedUpTo, saveNewCompensation } from '@fairmeter/records';
import type { Answer } from '../harness/bot-client.js';
import { creditsOf, use } from '../harness/orders.js';
import type { Played } from '../harness/played-jobs.js';
import { until } from '../harness/until.js';
import { Compensating, idOf, NOW, ofJob } from './compensating.js';
import { turn } from './posted-jobs.js';

let staff: Compensating;
let activities: CompensationActivities;
let withoutWorker: Answer;

beforeAll(async () => {
  staff = await Compensating.open();
  withoutWorker = await staff.preview(ofJob(await staff.play()));
  await staff.stack.startWorkerLike({
    around: ({ compensationActivities }) => {
      activities = compensationActivities;
      return {};
    },
  });
}, 120_000);

afterAll(async () => {
  await staff.close();
}, 60_000);

const run = async (statement: string, ...values: unknown[]): Promise<void> => {
  await staff.stack.entities.manager.query(statement, values);
};

const join = async ({ accountId }: Played): Promise<void> =>
  run(
    `INSERT INTO records.memberships (account_id, user_id, role) VALUES ($1, $2, 'member')
     ON CONFLICT (account_id, user_id) DO UPDATE SET removed_at = NULL`,
    accountId,
    await staff.support.userId(),
  );

const leave = async (): Promise<void> =>
  run('UPDATE records.memberships SET removed_at = clock_timestamp() WHERE user_id = $1', await staff.support.userId());

const told = ({ status, body }: Answer): unknown[] => [status, body['code']];

describe('a preview', () => {
  it('that nobody has finished in time is under way, and has an id to read it by', async () => {
    expect([withoutWorker.status, withoutWorker.body['state']]).toEqual([201, 'previewing']);
    await until(
      async () => staff.get(idOf(withoutWorker)),
      ({ state, foreseen }) => state === 'previewed' && foreseen === '1.200000',
    );
  });

  it('that was made in another role, long ago, or before an account became their own is not usable', async () => {
    const job = await staff.play([turn()]);
    const [role, age, own] = [
      await staff.preview(ofJob(job)),
      await staff.preview(ofJob(job)),
      await staff.preview(ofJob(job)),
    ].map(idOf);
    await run(`UPDATE records.compensations SET asked_role = 'admin' WHERE id = $1`, role);
    await run(`UPDATE records.compensations SET created_at = created_at - interval '25 hours' WHERE id = $1`, age);
    expect(told(await staff.ask({ preview_id: role }, `${job.jobId}/role`))).toEqual([409, 'preview_not_usable']);
    expect(told(await staff.ask({ preview_id: age }, `${job.jobId}/age`))).toEqual([409, 'preview_not_usable']);
    await join(job);
    expect(told(await staff.ask({ preview_id: own }, `${job.jobId}/own`))).toEqual([409, 'preview_not_usable']);
    await leave();
    expect(await staff.refundsOf(job)).toEqual([]);
    expect(told(await staff.ask({ preview_id: own }, `${job.jobId}/own`))).toEqual([201, undefined]);
  });

  it('goes on behind a page that had outlasted its try', async () => {
    const { manager } = staff.stack.entities;
    const id = newId('cps');
    const job = await staff.play([turn()]);
    const from = new Date(Date.now() - 60_000).toISOString();
    const incident = { from, scope: 'all', description: 'Slow' };
    const written = await staff.admin.call('POST', '/v1/admin/incidents', { body: incident, key: id });
    const target = { kind: 'incident', incidentId: idOf(written), reach: 'steps' } as const;
    const askedBy = { id: await staff.support.userId(), role: 'support' } as const;
    await saveNewCompensation(manager, { id, target, askedBy, requestId: 'req_1', asked: null });
    const { next } = await activities.previewCompensation({ compensationId: id, asOf: NOW, after: null });
    expect(next).toBe(job.jobId);
    expect((await findCompensation(manager, id))?.previewedUpTo).toBe(next);
    await notePreviewedUpTo(manager, id, 'job_z');
    expect(await activities.previewCompensation({ compensationId: id, asOf: NOW, after: next })).toEqual({
      next: 'job_z',
    });
  });
});

describe('a compensation of a thread', () => {
  it('[F19] gives back what is left of its jobs, and nothing of another\u2019s thread of that name', async () => {
    const named = { threadId: 'thr_compensated', asOf: NOW, steps: [turn()] };
    const [before, left, theirs] = [
      await staff.posted.play(named),
      await staff.posted.play(named),
      await staff.posted.play(named),
    ];
    const other = await staff.posted.play({ ...named, threadId: 'thr_other' });
    await run(`UPDATE ledger.jobs SET requester_kind = 'person', requester_id = 'usr_1' WHERE id = $1`, theirs.jobId);
    await staff.stack.jobs.refundSteps(before, 'finding/1', { asOf: NOW, ordinals: [1], form: 'origin_while_live' });
    const target = { kind: 'thread', bot_id: staff.posted.bot.botId, thread_id: named.threadId };
    const shown = await staff.preview(target);
    expect(shown.body).toMatchObject({ state: 'previewed', jobs: 2, jobs_to_post: 1, foreseen: '0.600000' });
    const posted = await staff.ask({ preview_id: idOf(shown) }, named.threadId);
    expect(posted.body).toMatchObject({ state: 'posted', posted: '0.600000', difference: '0.000000' });
    const lanes = async (job: Played): Promise<unknown> => (await staff.refundsOf(job)).map(({ lane }) => lane);
    expect([await lanes(before), await lanes(left), await lanes(theirs), await lanes(other)]).toEqual([
      ['auto'],
      ['support'],
      [],
      [],
    ]);
    const ofSomebody = await staff.preview({ ...target, somebody: 'usr_1' });
    expect(ofSomebody.body).toMatchObject({ jobs: 1, jobs_to_post: 1, foreseen: '0.600000' });
  });
});

describe('a compensation that is refused', () => {
  it('leaves its key free: where something can come back later it does', async () => {
    const job = await staff.play([turn()]);
    const ask = async (): Promise<Answer> => staff.ask({ target: ofJob(job) }, job.jobId);
    await join(job);
    expect(told(await ask())).toEqual([409, 'nothing_refundable']);
    await leave();
    expect(told(await ask())).toEqual([201, undefined]);
    expect((await ask()).body).toMatchObject({ state: 'posted', posted: '0.600000' });
  });

  it('[edge 58] is one also where an automatic refund came between its preview and its posting', async () => {
    const job = await staff.play([turn()]);
    const shown = idOf(await staff.preview(ofJob(job)));
    await staff.stack.jobs.refundSteps(job, 'finding/1', { asOf: NOW, ordinals: [1], form: 'origin_while_live' });
    const ask = async (): Promise<Answer> => staff.ask({ preview_id: shown }, job.jobId);
    expect([told(await ask()), told(await ask())]).toEqual([
      [409, 'nothing_refundable'],
      [409, 'nothing_refundable'],
    ]);
    expect((await staff.refundsOf(job)).map(({ lane }) => lane)).toEqual(['auto']);
  });
});

describe('what is taken back', () => {
  it('[edge 60] goes on after a crash between ledger and rows; others take no more than that leaves', async () => {
    const job = await staff.play([turn({ used: use({ input: 100_000, calls: 1 }) })]);
    const id = idOf(await staff.ask({ target: ofJob(job) }, job.jobId));
    const before = await staff.available();
    const ten = async (): Promise<Answer> =>
      staff.takeBack(id, { job_id: job.jobId, credits: '10' }, `${job.jobId}/ten`);
    expect((await ten()).body).toMatchObject({ posted: '30.000000', taken_back: '10.000000' });
    await run('UPDATE records.compensation_corrections SET taken = NULL WHERE compensation_id = $1', id);
    await run('UPDATE records.compensation_jobs SET taken_back = 0 WHERE compensation_id = $1', id);
    const rest = await staff.takeBack(id, { job_id: job.jobId }, `${job.jobId}/rest`);
    expect(rest.body['taken_back']).toBe('20.000000');
    const again = await ten();
    expect([again.status, again.body['taken_back']]).toEqual([200, '30.000000']);
    expect(await staff.available()).toBe(before - creditsOf('30'));
  });
});
