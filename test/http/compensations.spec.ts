// Goal: staff give back what was charged, once whoever asks and whatever crashes, never more than is left, and never
// alone where it is much. Method: the running stack; jobs posted straight to the ledger; a worker that dies amid pages.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer } from '../harness/bot-client.js';
import { creditsOf, use } from '../harness/orders.js';
import { until } from '../harness/until.js';
import type { Body, Outage } from './compensating.js';
import { Compensating, HIT_JOBS, NOW, ofJob, PATH, playOutage } from './compensating.js';
import { turn } from './posted-jobs.js';

/** 60 credits: more than one person may give back alone here. */
const dear = () => turn({ used: use({ input: 200_000, calls: 1 }) });

/** 30 credits. */
const large = () => turn({ used: use({ input: 100_000, calls: 1 }) });

let staff: Compensating;
let outage: Outage;

beforeAll(async () => {
  staff = await Compensating.open();
  outage = await playOutage(staff);
}, 120_000);

afterAll(async () => {
  await staff.close();
}, 60_000);

describe('a compensation of an incident', () => {
  it('[F19] [edge 59] posts its preview but for what it lists, however its worker dies, and no job twice', () => {
    expect(outage.foreseen).toMatchObject({ asked: false, jobs: HIT_JOBS, foreseen: '24.000000', posted: '0.000000' });
    expect(outage.done).toMatchObject({
      ...{ jobs_to_post: HIT_JOBS, jobs_posted: HIT_JOBS, jobs_different: 1 },
      ...{ foreseen: '24.000000', posted: '23.800000', difference: '0.200000', decided_by: null },
    });
    expect(outage.counts).toHaveLength(HIT_JOBS);
    expect(new Set(outage.counts.map(({ refunded, refunds }) => `${String(refunded)} in ${String(refunds)}`))).toEqual(
      new Set(['200000 in 1']),
    );
  });

  it('tells the owner of each account once what all of its jobs got back', () => {
    const told = outage.told.map(({ about, mail_to: mailTo, facts }) => ({ about, mailTo, ...(facts as Body) }));
    const [{ about } = {}] = outage.told;
    const all = { about, mailTo: 'owner', incident_id: about, compensation_id: outage.id };
    expect(told).toEqual([
      { ...all, credits: '11.800000' },
      { ...all, credits: '12.000000' },
    ]);
    expect(about).toMatch(/^inc_/);
  });

  it('[F19] lists each job with what it got, and those that had changed as different', async () => {
    const rows = (await staff.get(outage.id, '/jobs?limit=200'))['data'] as readonly Body[];
    expect(rows).toHaveLength(HIT_JOBS);
    const different = await staff.get(outage.id, '/jobs?different=true');
    expect(different['data']).toEqual([
      expect.objectContaining({
        job_id: outage.changed.jobId,
        steps: [2],
        foreseen: '0.200000',
        posted: '0.000000',
        difference: '0.200000',
      }),
    ]);
    const first = await staff.get(outage.id, '/jobs?limit=50');
    const second = await staff.get(outage.id, `/jobs?limit=70&cursor=${String(first['next_cursor'])}`);
    expect([...(first['data'] as Body[]), ...(second['data'] as Body[])]).toEqual(rows);
  });
});

describe('a compensation', () => {
  it('[F12] [F14] gives back what is left, and the cost says by whom and of which steps', async () => {
    const job = await staff.play();
    const shown = await staff.preview({ kind: 'steps', job_id: job.jobId, steps: [2] });
    expect([shown.status, shown.body]).toMatchObject([201, { state: 'previewed', foreseen: '0.600000', jobs: 1 }]);
    expect(await staff.refundsOf(job)).toEqual([]);
    const asked = await staff.ask({ preview_id: shown.body['id'] }, job.jobId);
    expect(asked.body).toMatchObject({
      id: shown.body['id'],
      state: 'posted',
      posted: '0.600000',
      reason: 'For a test',
    });
    expect(await staff.refundsOf(job)).toMatchObject([
      { lane: 'support', case_ref: asked.body['id'], amount: '0.600000', steps: [{ step: 2, amount: '0.600000' }] },
    ]);
    const rest = await staff.ask({ target: ofJob(job) }, `${job.jobId}/rest`);
    expect(rest.body).toMatchObject({ state: 'posted', posted: '0.600000' });
    const nothing = await staff.ask({ target: ofJob(job) }, `${job.jobId}/nothing`);
    expect([nothing.status, nothing.body['code']]).toEqual([409, 'nothing_refundable']);
  });

  it('[edge 58] and an automatic refund at once come to one; the second is told that nothing is left', async () => {
    const job = await staff.play([turn()]);
    const steps = { asOf: NOW, ordinals: [1], form: 'origin_while_live' } as const;
    const [asked, auto] = await Promise.all([
      staff.ask({ target: ofJob(job) }, job.jobId),
      staff.stack.jobs.refundSteps(job, 'finding/1', steps),
    ]);
    const lanes = (await staff.refundsOf(job)).map(({ lane, amount }) => [lane, amount]);
    expect(lanes).toEqual([[auto.ok ? 'auto' : 'support', '0.600000']]);
    expect([asked.status, asked.body['code']]).toEqual(auto.ok ? [409, 'nothing_refundable'] : [201, undefined]);
    expect(auto).toMatchObject(auto.ok ? {} : { refusal: { code: 'nothing_refundable' } });
    const late = await staff.ask({ target: ofJob(job) }, `${job.jobId}/late`);
    expect(late.body).toMatchObject({ status: 409, code: 'nothing_refundable' });
  });

  it('is one however often it is asked for by one key, and another body under it is refused', async () => {
    const job = await staff.play();
    const asked = await Promise.all(
      Array.from({ length: 4 }, async () => staff.ask({ target: ofJob(job) }, job.jobId)),
    );
    expect(new Set(asked.map(({ status, body }) => `${status} ${String(body['id'])}`)).size).toBe(1);
    expect(await staff.refundsOf(job)).toHaveLength(1);
    const other = await staff.ask({ target: ofJob(job), reason: 'Another' }, job.jobId);
    expect([other.status, other.body['code']]).toEqual([409, 'idempotency_mismatch']);
  });

  it('[F19] above the limit waits for a second person, who is neither who asked nor support', async () => {
    const [job, stopped] = [await staff.play([dear()]), await staff.play([dear()])];
    const asked = await staff.ask({ target: ofJob(job) }, job.jobId, staff.admin);
    expect(asked.body).toMatchObject({ state: 'requested', foreseen: '60.000000', posted: '0.000000' });
    const { id } = asked.body;
    expect((await staff.say(staff.admin, String(id), 'approve')).body).toMatchObject({
      status: 403,
      code: 'second_person_needed',
    });
    expect((await staff.say(staff.support, String(id), 'approve')).body).toMatchObject({
      status: 403,
      code: 'forbidden',
    });
    expect(await staff.refundsOf(job)).toEqual([]);
    expect((await staff.say(staff.otherAdmin, String(id), 'approve')).body).toMatchObject({
      decided_by: await staff.otherAdmin.userId(),
    });
    await until(
      async () => staff.get(String(id)),
      ({ state, posted: amount }) => state === 'posted' && amount === '60.000000',
    );
    expect((await staff.say(staff.otherAdmin, String(id), 'reject')).body).toMatchObject({
      status: 409,
      code: 'compensation_decided',
    });
    const second = await staff.ask({ target: ofJob(stopped) }, stopped.jobId);
    expect((await staff.say(staff.support, String(second.body['id']), 'reject')).body).toMatchObject({
      state: 'rejected',
    });
    expect(await staff.refundsOf(stopped)).toEqual([]);
    await staff.keep('approved', String(id));
  });

  it('[F26] leaves a line with who, why, and what had come back before and after', async () => {
    const job = await staff.play();
    const { id } = (await staff.ask({ target: ofJob(job) }, job.jobId)).body;
    const linesOf = async (target: unknown): Promise<readonly Body[]> =>
      (await staff.support.call('GET', `/v1/admin/audit?target_id=${String(target)}`)).body['data'] as Body[];
    const lines = [...(await linesOf(job.jobId)), ...(await linesOf(id))].reverse();
    const actor = { actor: { role: 'support', id: await staff.support.userId() }, reason: 'For a test' };
    expect(lines).toMatchObject([
      {
        ...{ ...actor, action: 'compensation.requested', account_id: null },
        ...{ before: null, after: { state: 'approved', credits: '1.200000' } },
      },
      { action: 'compensation.posted', account_id: null, after: { state: 'posted', credits: '1.200000' } },
      {
        ...actor,
        action: 'job.compensated',
        account_id: job.accountId,
        before: { refunded: '0.000000' },
        after: { refunded: '1.200000', compensation_id: id },
      },
    ]);
  });

  it('says what it cannot give back, and why', async () => {
    const running = await staff.play([turn()], false);
    expect((await staff.preview(ofJob(running))).body).toMatchObject({
      foreseen: '0.000000',
      not_compensated: [{ why: 'job_running', jobs: 1 }],
    });
    const job = await staff.play([turn()]);
    await staff.stack.entities.manager.query(
      `INSERT INTO records.memberships (account_id, user_id, role) VALUES ($1, $2, 'member')`,
      [job.accountId, await staff.otherAdmin.userId()],
    );
    const own = await staff.preview(ofJob(job), staff.otherAdmin);
    expect(own.body).toMatchObject({ not_compensated: [{ why: 'own_account', jobs: 1 }] });
    const asked = await staff.ask({ target: ofJob(job) }, `${job.jobId}/own`, staff.otherAdmin);
    expect([asked.status, asked.body['code']]).toEqual([409, 'nothing_refundable']);
    await staff.stack.entities.manager.query(
      'UPDATE records.memberships SET removed_at = clock_timestamp() WHERE user_id = $1',
      [await staff.otherAdmin.userId()],
    );
  });

  it('is refused where it is asked for wrongly, and nothing moves', async () => {
    const job = await staff.play([turn()]);
    const unknown = { kind: 'job', job_id: 'job_unknown' };
    const wrong: [object, number, string][] = [
      [{ target: unknown }, 404, 'job_not_found'],
      [{ target: { kind: 'incident', incident_id: 'inc_unknown' } }, 404, 'incident_not_found'],
      [{ target: ofJob(job), reason: undefined }, 422, 'validation_failed'],
      [{ target: ofJob(job), reason: '' }, 422, 'validation_failed'],
      [{ target: { kind: 'steps', job_id: job.jobId, steps: [0] } }, 422, 'validation_failed'],
      [{ target: { kind: 'everything' } }, 422, 'validation_failed'],
      [{ preview_id: 'cps_unknown' }, 404, 'compensation_not_found'],
      [{ preview_id: (await staff.preview(ofJob(job), staff.admin)).body['id'] }, 409, 'preview_not_usable'],
    ];
    for (const [body, status, code] of wrong) {
      const answer = await staff.ask(body, `${job.jobId}/${code}/${JSON.stringify(body)}`.slice(0, 200));
      expect([answer.status, answer.body['code']]).toEqual([status, code]);
    }
    expect(
      (await staff.support.call('POST', PATH, { body: { target: ofJob(job), reason: 'No key' } })).body,
    ).toMatchObject({
      code: 'idempotency_key_missing',
    });
    const shown = await staff.preview(ofJob(job));
    expect((await staff.ask({ preview_id: shown.body['id'] }, `${job.jobId}/a`)).status).toBe(201);
    expect((await staff.ask({ preview_id: shown.body['id'] }, `${job.jobId}/b`)).body['code']).toBe(
      'preview_not_usable',
    );
    expect(await staff.refundsOf(job)).toHaveLength(1);
  });
});

describe('what was posted by mistake', () => {
  it('[edge 60] is taken back as far as it is still there, by an entry of its own, once by its key', async () => {
    const job = await staff.play([large()]);
    const { body } = await staff.ask({ target: ofJob(job) }, job.jobId);
    const id = String(body['id']);
    const before = await staff.available();
    const taken = await staff.takeBack(id, { job_id: job.jobId, credits: '10' }, `${job.jobId}/1`);
    expect([taken.status, taken.body]).toMatchObject([200, { posted: '30.000000', taken_back: '10.000000' }]);
    expect(await staff.available()).toBe(before - creditsOf('10'));
    const again = await staff.takeBack(id, { job_id: job.jobId, credits: '10' }, `${job.jobId}/1`);
    expect(again.body['taken_back']).toBe('10.000000');
    const other = await staff.takeBack(id, { job_id: job.jobId, credits: '11' }, `${job.jobId}/1`);
    expect([other.status, other.body['code']]).toEqual([409, 'idempotency_mismatch']);
    const rest = await staff.takeBack(id, { job_id: job.jobId, credits: '999' }, `${job.jobId}/2`);
    expect(rest.body['taken_back']).toBe('30.000000');
    expect(await staff.available()).toBe(before - creditsOf('30'));
    // What came back of the job stands as it was: history is not touched.
    expect((await staff.refundsOf(job)).map(({ amount }) => amount)).toEqual(['30.000000']);
    await staff.keepCorrection('taken-back', id);
    const { data } = await staff.posted.get('account/ledger?limit=2', staff.posted.accountKey);
    expect(data).toMatchObject([
      { movement: 'clawed_back', amount: '20.000000', reason: 'Taken back: it was given by mistake.' },
      { movement: 'clawed_back', amount: '10.000000', reason: 'Taken back: it was given by mistake.' },
    ]);
    const nothing = await staff.takeBack(id, { job_id: 'job_unknown' }, `${job.jobId}/3`);
    expect([nothing.status, nothing.body['code']]).toEqual([404, 'job_not_found']);
  });
});

describe('an incident', () => {
  it('is written down once by a key, ended later, and leaves lines of who did', async () => {
    const body = { from: '2026-01-01T00:00:00Z', scope: 'region', name: 'eu-west', description: 'Slow' };
    const add = async (more: object = {}): Promise<Answer> =>
      staff.admin.call('POST', '/v1/admin/incidents', { body: { ...body, ...more }, key: 'region' });
    const added = await add();
    expect([added.status, added.body]).toMatchObject([201, { scope: 'region', name: 'eu-west', until: null }]);
    expect((await add()).body).toEqual(added.body);
    expect((await add({ name: 'us-east' })).body['code']).toBe('idempotency_mismatch');
    const path = `/v1/admin/incidents/${String(added.body['id'])}`;
    const change = async (until: string, by = staff.admin): Promise<Answer> =>
      by.call('PATCH', path, { body: { until } });
    expect((await change('2026-01-01T01:00:00Z')).body).toMatchObject({ until: '2026-01-01T01:00:00.000Z' });
    expect((await change('2025-01-01T01:00:00Z')).body['code']).toBe('validation_failed');
    expect((await change('2026-01-01T01:00:00Z', staff.support)).body['code']).toBe('forbidden');
    expect((await staff.support.call('GET', path)).body).toMatchObject({ description: 'Slow' });
    const lines = await staff.stack.entities.manager.query<Body[]>(
      'SELECT action, actor_id FROM records.audit WHERE target_id = $1 ORDER BY id',
      [added.body['id']],
    );
    const actor = await staff.admin.userId();
    expect(lines).toEqual([
      { action: 'incident.added', actor_id: actor },
      { action: 'incident.changed', actor_id: actor },
    ]);
  });

  it('needs a name where it is of something, and none where it is of all', async () => {
    const wrong = [
      { from: '2026-01-01T00:00:00Z', scope: 'tool', description: 'Slow' },
      { from: '2026-01-01T00:00:00Z', scope: 'all', name: 'x', description: 'Slow' },
      { from: '2999-01-01T00:00:00Z', scope: 'all', description: 'Slow' },
      { from: '2026-01-01T00:00:00Z', until: '2026-01-01T00:00:00Z', scope: 'all', description: 'Slow' },
    ];
    for (const [n, body] of wrong.entries()) {
      const answer = await staff.admin.call('POST', '/v1/admin/incidents', { body, key: `wrong-${n}` });
      expect([answer.status, answer.body['code']]).toEqual([422, 'validation_failed']);
    }
  });
});
