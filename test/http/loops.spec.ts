// Goal: staff see every loop with what came of it, and say of one that its cause was another: what was found stays,
// what was ours after all goes back once by a compensation, and nothing is ever taken. Method: the running stack; jobs
// posted straight to the ledger, their loops noted as a workflow notes them.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LoopFinding, LoopRemedy } from '@fairmeter/domain';
import { withClient } from '@fairmeter/platform/database';
import type { Answer } from '../harness/bot-client.js';
import { findingOf, noteOrder } from '../harness/loop-orders.js';
import { use } from '../harness/orders.js';
import type { Played, PlayedStep } from '../harness/played-jobs.js';
import { until } from '../harness/until.js';
import type { Body } from './compensating.js';
import { Compensating, NOW } from './compensating.js';
import { PostedJobs, turn } from './posted-jobs.js';

const PATH = '/v1/admin/loops';
/** 60 credits: more than one person may give back alone here. */
const dear = (): PlayedStep => turn({ used: use({ input: 200_000, calls: 1 }) });

let staff: Compensating;
let elsewhere: PostedJobs;

beforeAll(async () => {
  staff = await Compensating.open();
  elsewhere = await PostedJobs.open(staff.stack);
  await staff.stack.startWorker();
  await Promise.all([staff.admin.userId(), staff.otherAdmin.userId(), staff.support.userId()]);
}, 60_000);

afterAll(async () => {
  await staff.close();
}, 60_000);

async function note(job: Played, finding: LoopFinding): Promise<string> {
  const order = noteOrder(1, { jobId: job.jobId, ordinals: [], remedy: finding.remedy });
  const noted = await staff.stack.jobs.noteLoop(job, { ...order, finding, asOf: NOW });
  if (!noted.ok) throw new Error(noted.refusal.code);
  return `${job.jobId}.1`;
}

/** Its second and third step, 0.6 credits each, repeat the first; whose fault it was follows from the remedy. */
async function looped(
  remedy: LoopRemedy = 'offer_review',
  { of = staff.posted, steps = [turn(), turn(), turn()], settles = true } = {},
): Promise<Played & { readonly loopId: string }> {
  const job = await of.play({ steps, settles, asOf: NOW });
  const ordinals = steps.map((_, index) => index + 1);
  return { ...job, loopId: await note(job, findingOf({ jobId: job.jobId, ordinals, remedy })) };
}

/** `again` tells apart what is said of one loop more than once. */
async function say(loopId: string, cause: string, { again = '', by = staff.admin } = {}): Promise<Answer> {
  const body = { cause, reason: `It was ${cause}` };
  return by.call('POST', `${PATH}/${loopId}/reclassify`, { body, key: `${loopId}${again}` });
}

async function listed(query: string): Promise<Body> {
  const { status, body } = await staff.support.call('GET', `${PATH}?${query}`);
  expect(status).toBe(200);
  return body;
}

const idsOf = ({ data }: Body): unknown[] => (data as Body[]).map(({ id }) => id);
const saidOf = ({ body }: Answer): readonly Body[] => body['reclassified'] as readonly Body[];
const compensationOf = (answer: Answer): Body => saidOf(answer).at(-1)?.['compensation'] as Body;

describe('the list of loops', () => {
  it('[F12] shows staff all accounts, the newest first: cause, steps, charge, and what came back', async () => {
    const [ours, theirs] = [await looped('refund'), await looped('offer_review', { of: elsewhere })];
    const { data } = await listed('limit=2');
    const evidence = (jobId: string): object => ({
      job_id: jobId,
      signal: 'equal_errors',
      steps: [1, 2, 3].map((step) => ({ job_id: jobId, step })),
      repeats: [2, 3].map((step) => ({ job_id: jobId, step })),
      charged: '1.200000',
      environment: 'live',
      reclassified: [],
    });
    const cause = (of: string): object => ({ cause: of, found_cause: of });
    expect(data).toMatchObject([
      { ...evidence(theirs.jobId), ...cause('user_fault'), action: 'stopped', refunded: '0.000000' },
      { ...evidence(ours.jobId), ...cause('platform_fault'), action: 'refunded', refunded: '1.200000' },
    ]);
    expect(idsOf({ data })).toEqual([theirs.loopId, ours.loopId]);
    expect(data).toMatchObject([{ account_id: theirs.accountId }, { account_id: ours.accountId }]);
  });

  it('[F12] is filtered by account and by cause, and goes on page by page', async () => {
    const of = await PostedJobs.open(staff.stack);
    const ids: string[] = [];
    for (const remedy of ['refund', 'offer_review', 'refund'] as const) ids.push((await looped(remedy, { of })).loopId);
    const account = `account_id=${of.bot.accountId}`;
    const first = await listed(`${account}&limit=2`);
    const second = await listed(`${account}&limit=2&cursor=${String(first['next_cursor'])}`);
    expect([...idsOf(first), ...idsOf(second)]).toEqual([...ids].reverse());
    expect(second['next_cursor']).toBeNull();
    expect(idsOf(await listed(`${account}&cause=user_fault`))).toEqual([ids[1]]);
    expect((await say(ids[1] ?? '', 'unclear')).status).toBe(200);
    expect(idsOf(await listed(`${account}&cause=user_fault`))).toEqual([]);
    expect(idsOf(await listed(`${account}&cause=unclear`))).toEqual([ids[1]]);
  });

  it('is for staff alone, and of a known form', async () => {
    const as = async (key: string): Promise<number> =>
      (await fetch(`${staff.stack.apiUrl}${PATH}`, { headers: { authorization: `Bearer ${key}` } })).status;
    expect([await as(staff.posted.bot.key), await as(staff.posted.accountKey)]).toEqual([403, 403]);
    for (const query of ['cause=ours', 'account_id=mine', 'job=x', 'cursor=MTpsb29wczp4']) {
      expect((await staff.support.call('GET', `${PATH}?${query}`)).body['code']).toBe('validation_failed');
    }
  });
});

describe('a loop that is said to have had another cause', () => {
  it('[F11] [F14] gives its repeats back where it was ours after all, once, by a compensation', async () => {
    const job = await looped();
    const shown = await staff.preview({ kind: 'loop', loop_id: job.loopId });
    expect(shown.body).toMatchObject({ foreseen: '1.200000', target: { kind: 'loop', loop_id: job.loopId } });
    const before = await staff.available();
    const said = await say(job.loopId, 'platform_fault');
    expect([said.status, said.body]).toMatchObject([
      200,
      { cause: 'platform_fault', found_cause: 'user_fault', action: 'stopped', refunded: '1.200000' },
    ]);
    const { id } = compensationOf(said);
    expect(compensationOf(said)).toEqual({ id, state: 'posted' });
    expect(await staff.available()).toBe(before + 1_200_000n);
    expect(await staff.refundsOf(job)).toMatchObject([
      { lane: 'support', case_ref: id, amount: '1.200000', steps: [{ step: 2 }, { step: 3 }] },
    ]);
    expect((await say(job.loopId, 'platform_fault')).body).toEqual(said.body);
    expect(await staff.refundsOf(job)).toHaveLength(1);
    expect((await say(job.loopId, 'unclear')).body['code']).toBe('idempotency_mismatch');
    const again = await say(job.loopId, 'platform_fault', { again: '/again' });
    expect(again.body).toMatchObject({ status: 409, code: 'change_without_effect', why: 'same_cause' });
  });

  it('[F14] takes nothing back where it was ours and is no more, and gives nothing twice', async () => {
    const job = await looped('refund');
    const before = await staff.available();
    const away = await say(job.loopId, 'user_fault', { again: '/away' });
    expect(away.body).toMatchObject({ cause: 'user_fault', found_cause: 'platform_fault', refunded: '1.200000' });
    const back = await say(job.loopId, 'platform_fault', { again: '/back' });
    expect(saidOf(back)).toMatchObject([
      { before: 'platform_fault', after: 'user_fault', compensation: null },
      { before: 'user_fault', after: 'platform_fault', compensation: null },
    ]);
    expect(await staff.available()).toBe(before);
    expect(await staff.refundsOf(job)).toMatchObject([{ lane: 'auto' }]);
  });

  it('[F14] gives back what support has left of it', async () => {
    const job = await looped();
    const target = { kind: 'steps', job_id: job.jobId, steps: [3] };
    expect((await staff.ask({ target }, job.loopId)).body).toMatchObject({ posted: '0.600000' });
    const said = await say(job.loopId, 'platform_fault');
    expect(said.body).toMatchObject({ charged: '1.200000', refunded: '1.200000' });
    expect(await staff.get(String(compensationOf(said)['id']))).toMatchObject({ posted: '0.600000' });
  });

  it('[F14] [edge 56] goes back in each job of its thread that it went through', async () => {
    const [first, last] = [await staff.play([turn(), turn()]), await staff.play([turn()])];
    const loop = findingOf({ jobId: last.jobId, ordinals: [1], remedy: 'offer_review' });
    const repeats = [
      { jobId: first.jobId, ordinal: 2 },
      { jobId: last.jobId, ordinal: 1 },
    ];
    const loopId = await note(last, { ...loop, repeats });
    const said = await say(loopId, 'platform_fault');
    expect(said.body).toMatchObject({ charged: '1.200000', refunded: '1.200000' });
    expect(await staff.refundsOf(first)).toMatchObject([{ amount: '0.600000', steps: [{ step: 2 }] }]);
    expect(await staff.refundsOf(last)).toMatchObject([{ amount: '0.600000', steps: [{ step: 1 }] }]);
  });

  it('[F19] gives much of it back only after a second person', async () => {
    const job = await looped('offer_review', { steps: [turn(), dear()] });
    const said = await say(job.loopId, 'platform_fault');
    const { id, state } = compensationOf(said);
    expect([state, said.body['cause'], said.body['refunded']]).toEqual(['requested', 'platform_fault', '0.000000']);
    expect((await staff.say(staff.admin, String(id), 'approve')).body['code']).toBe('second_person_needed');
    expect((await staff.say(staff.otherAdmin, String(id), 'approve')).status).toBe(200);
    await until(
      async () => staff.get(String(id)),
      (compensation) => compensation['state'] === 'posted',
    );
    const reclassified = [{ compensation: { id, state: 'posted' } }];
    const { data } = await listed('limit=1');
    expect(data).toMatchObject([{ id: job.loopId, refunded: '60.000000', reclassified }]);
  });

  it('of two at once counts once, and the other hears of it', async () => {
    const job = await looped();
    const both = [staff.admin, staff.otherAdmin].map(async (by) => say(job.loopId, 'platform_fault', { by }));
    const twins = [1, 2].map(async () => say(job.loopId, 'platform_fault'));
    const [mine, others, ...same] = await Promise.all([...both, ...twins]);
    const won = mine?.status === 200 ? [200, 409, 200, 200] : [409, 200, 409, 409];
    expect([mine, others, ...same].map((answer) => answer?.status)).toEqual(won);
    expect(await staff.refundsOf(job)).toMatchObject([{ amount: '1.200000' }]);
  });
});

describe('what staff say of a loop', () => {
  it('[F26] is by admins alone, with a reason; the finding stays, and the audit keeps before and after', async () => {
    const job = await looped();
    expect((await say(job.loopId, 'unclear', { by: staff.support })).body['code']).toBe('forbidden');
    const said = await say(job.loopId, 'unclear');
    const actor = await staff.admin.userId();
    const words = { before: 'user_fault', after: 'unclear', by: { id: actor, role: 'admin' } };
    expect(saidOf(said)).toMatchObject([{ ...words, reason: 'It was unclear', compensation: null }]);
    const { manager } = staff.stack.entities;
    const lines = await manager.query<Body[]>(
      `SELECT a.actor_id, a.actor_role, a.action, a.before, a.after, t.body AS reason
       FROM records.audit a JOIN records.texts t ON t.id = a.reason_ref WHERE a.target_id = $1`,
      [job.loopId],
    );
    expect(lines).toEqual([
      {
        ...{ actor_id: actor, actor_role: 'admin', action: 'loop.reclassified', reason: 'It was unclear' },
        ...{ before: { cause: 'user_fault' }, after: { cause: 'unclear', compensation_id: null } },
      },
    ]);
    const found = await manager.query<unknown[]>('SELECT cause FROM ledger.loop_findings WHERE job_id = $1', [
      job.jobId,
    ]);
    expect(found).toEqual([{ cause: 'user_fault' }]);
    const cost = await staff.posted.get(`jobs/${job.jobId}/cost`);
    expect(cost['loops']).toMatchObject([{ cause: 'user_fault', reclassified: { cause: 'unclear' } }]);
    expect(JSON.stringify(cost)).not.toContain('It was unclear');
  });

  it.each([
    'UPDATE records.loop_reclassifications SET number = number',
    'DELETE FROM records.loop_reclassifications',
    'TRUNCATE records.loop_reclassifications',
  ])('[F26] refuses `%s` of every role', async (sql) => {
    const { readerUrl, writerUrl, ownerUrl } = staff.stack.database;
    for (const [url, why] of [
      [readerUrl, /permission denied/],
      [writerUrl, /permission denied/],
      [ownerUrl, /only ever appended/],
    ] as const) {
      await expect(withClient(url, async (client) => client.query(sql))).rejects.toThrow(why);
    }
  });

  it('is refused where it is wrong, and changes nothing', async () => {
    const job = await looped();
    const running = await looped('record', { settles: false });
    const path = (loopId: string): string => `${PATH}/${loopId}/reclassify`;
    const body = { cause: 'unclear', reason: 'Why' };
    const wrong: [string, object, number, string][] = [
      [`${job.jobId}.2`, body, 404, 'loop_not_found'],
      [job.jobId, body, 404, 'loop_not_found'],
      [running.loopId, body, 409, 'job_running'],
      [job.loopId, { ...body, cause: 'ours' }, 422, 'validation_failed'],
      [job.loopId, { cause: 'unclear' }, 422, 'validation_failed'],
      [job.loopId, { ...body, reason: '' }, 422, 'validation_failed'],
    ];
    for (const [index, [loopId, asked, status, code]] of wrong.entries()) {
      const answer = await staff.admin.call('POST', path(loopId), { body: asked, key: `wrong ${index}` });
      expect([answer.status, answer.body['code']]).toEqual([status, code]);
    }
    const keyless = await staff.admin.call('POST', path(job.loopId), { body });
    expect(keyless.body['code']).toBe('idempotency_key_missing');
    expect((await staff.preview({ kind: 'loop', loop_id: `${job.jobId}.2` })).body['code']).toBe('loop_not_found');
    await staff.stack.entities.manager.query(
      `INSERT INTO records.memberships (account_id, user_id, role) VALUES ($1, $2, 'member')`,
      [elsewhere.bot.accountId, await staff.otherAdmin.userId()],
    );
    const own = await looped('offer_review', { of: elsewhere });
    expect((await say(own.loopId, 'platform_fault', { by: staff.otherAdmin })).body['code']).toBe('forbidden');
    const { data } = await listed('limit=3');
    expect((data as Body[]).map(({ reclassified }) => reclassified)).toEqual([[], [], []]);
  });
});
