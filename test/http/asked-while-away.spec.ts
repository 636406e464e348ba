// Goal: what staff asked for while Temporal was away begins by itself once it is back. Method: an API behind a wire
// that can be cut, a worker that is not, and the sweeps as workers have them.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { beginCompensation, beginGrant } from '../../apps/worker/src/begin-request.js';
import type { Answer } from '../harness/bot-client.js';
import { creditsOf, use } from '../harness/orders.js';
import type { Played } from '../harness/played-jobs.js';
import { TcpProxy } from '../harness/tcp-proxy.js';
import { testServers } from '../harness/test-servers.js';
import type { RunningWorker } from '../harness/test-stack.js';
import { until } from '../harness/until.js';
import type { Body } from './compensating.js';
import { Compensating, idOf, ofJob, PATH } from './compensating.js';
import { turn } from './posted-jobs.js';

let staff: Compensating;
let proxy: TcpProxy;
let lost: RunningWorker['parts']['lostRequests'];

beforeAll(async () => {
  staff = await Compensating.open();
  lost = (await staff.stack.startWorker()).parts.lostRequests;
  proxy = await TcpProxy.before(testServers().temporalAddress);
  await staff.stack.startApi({ TEMPORAL_ADDRESS: proxy.address, ADMIT_DEADLINE_MS: '700' });
  await staff.support.userId();
  proxy.cut();
}, 60_000);

afterAll(async () => {
  await staff.close();
  await proxy.close();
}, 60_000);

const away = async (): Promise<void> => {
  throw new Error('Temporal is away');
};

const sweepCompensations = async (): Promise<number> =>
  lost.beginCompensation(async (one) => beginCompensation(staff.stack.temporal, one));

const sweepGrants = async (): Promise<number> => lost.beginGrant(async (one) => beginGrant(staff.stack.temporal, one));

const refusesToBegin = async (): Promise<void> => {
  await expect(lost.beginCompensation(away)).rejects.toThrow('Temporal is away');
};

/** As if a minute had passed. */
async function isDue(table: 'compensations' | 'grants', id: unknown): Promise<void> {
  await staff.stack.entities.manager.query(
    `UPDATE records.${table} SET look_at = clock_timestamp() - interval '1 second' WHERE id = $1`,
    [id],
  );
}

/** What was written down though its answer is not known. */
async function newest(path: string): Promise<Body> {
  const { data } = (await staff.support.call('GET', `${path}?limit=1`)).body;
  return (data as readonly Body[])[0] ?? {};
}

const told = ({ status, body }: Answer): unknown[] => [status, body['code']];

describe('what staff asked for while Temporal was away', () => {
  it('[F19] [F24] is compensated by itself once Temporal is back, and once however often it is asked', async () => {
    const job = await staff.play();
    const ask = async (): Promise<Answer> => staff.ask({ target: ofJob(job) }, job.jobId);
    expect(told(await ask())).toEqual([503, 'compensation_unknown']);
    const { id } = await newest(PATH);
    // Whoever asked may be at it still.
    expect(await sweepCompensations()).toBe(0);
    await isDue('compensations', id);
    await refusesToBegin();
    // What could not be begun is due again some seconds later.
    expect(await sweepCompensations()).toBe(0);
    await isDue('compensations', id);
    expect([await sweepCompensations(), await sweepCompensations()]).toEqual([1, 0]);
    await until(
      async () => staff.get(String(id)),
      ({ state, posted }) => state === 'posted' && posted === '1.200000',
    );
    // Nothing is left to be begun.
    await isDue('compensations', id);
    expect(await sweepCompensations()).toBe(0);
    expect((await ask()).body).toMatchObject({ id, state: 'posted', posted: '1.200000' });
    expect(await staff.refundsOf(job)).toHaveLength(1);
  });

  it('[F18] [F24] is granted by itself once Temporal is back, once', async () => {
    const before = await staff.available();
    const { accountId } = staff.posted.bot;
    const body = { kind: 'admin', credits: '5', reason: 'For a test' };
    const ask = async (): Promise<Answer> =>
      staff.support.call('POST', `/v1/staff/accounts/${accountId}/grants`, { body, key: 'away' });
    expect(told(await ask())).toEqual([503, 'grant_unknown']);
    const { id } = await newest('/v1/staff/grants');
    expect(await sweepGrants()).toBe(0);
    await isDue('grants', id);
    await expect(lost.beginGrant(away)).rejects.toThrow('Temporal is away');
    await isDue('grants', id);
    expect([await sweepGrants(), await sweepGrants()]).toEqual([1, 0]);
    await until(
      async () => newest('/v1/staff/grants'),
      ({ state }) => state === 'notified',
    );
    await isDue('grants', id);
    expect(await sweepGrants()).toBe(0);
    expect((await ask()).body).toMatchObject({ id, state: 'notified' });
    expect(await staff.available()).toBe(before + creditsOf('5'));
  });

  it('[F19] still waits for a second person where it is large, and is begun for that too', async () => {
    // 60 credits: more than one person may give back alone here.
    const job = await staff.play([turn({ used: use({ input: 200_000, calls: 1 }) })]);
    expect((await staff.ask({ target: ofJob(job) }, job.jobId)).status).toBe(503);
    const id = String((await newest(PATH))['id']);
    await isDue('compensations', id);
    expect(await sweepCompensations()).toBe(1);
    await until(
      async () => staff.get(id),
      ({ state, posted }) => state === 'requested' && posted === '0.000000',
    );
  });

  it('[F18] waits for nothing that can never be begun', async () => {
    const { accountId } = staff.posted.bot;
    const body = { kind: 'admin', credits: '1', reason: 'For a test' };
    const ids: string[] = [];
    for (const key of ['never', 'behind it']) {
      await staff.support.call('POST', `/v1/staff/accounts/${accountId}/grants`, { body, key });
      ids.push(String((await newest('/v1/staff/grants'))['id']));
    }
    for (const id of ids) await isDue('grants', id);
    const tried: string[] = [];
    const sweep = async (): Promise<number> =>
      lost.beginGrant(async ({ id }) => {
        tried.push(id);
        if (id === ids[0]) throw new Error('it is never begun');
      });
    await expect(sweep()).rejects.toThrow('it is never begun');
    expect([await sweep(), await sweep()]).toEqual([1, 0]);
    expect(tried).toEqual(ids);
  });
});

describe('what staff looked at while Temporal was away', () => {
  let job: Played;
  let shown: Answer;
  let old: Answer;
  beforeAll(async () => {
    job = await staff.play();
    shown = await staff.preview(ofJob(job));
    old = await staff.preview(ofJob(job));
  }, 60_000);

  const becomes = async (state: string, figures: Body): Promise<Body> =>
    until(
      async () => staff.get(idOf(shown)),
      (body) => body['state'] === state && Object.entries(figures).every(([name, figure]) => body[name] === figure),
    );

  it('[F19] [F24] is previewed by itself once Temporal is back, moves nothing, and can be posted by', async () => {
    expect([shown.status, shown.body]).toMatchObject([201, { state: 'previewing', asked: false, jobs: 0 }]);
    // Whoever looks may be at it still.
    expect(await sweepCompensations()).toBe(0);
    await isDue('compensations', idOf(shown));
    await refusesToBegin();
    await isDue('compensations', idOf(shown));
    expect([await sweepCompensations(), await sweepCompensations()]).toEqual([1, 0]);
    await becomes('previewed', { foreseen: '1.200000', posted: '0.000000' });
    // Whatever is previewed waits for whoever wants it.
    await isDue('compensations', idOf(shown));
    expect(await sweepCompensations()).toBe(0);
    expect((await staff.ask({ preview_id: idOf(shown) }, job.jobId)).status).toBe(503);
    expect(await sweepCompensations()).toBe(1);
    await becomes('posted', { posted: '1.200000' });
  });

  it('[F19] is looked at no more a day later, when it could not be posted by', async () => {
    await isDue('compensations', idOf(old));
    await staff.stack.entities.manager.query(
      `UPDATE records.compensations SET created_at = clock_timestamp() - interval '25 hours' WHERE id = $1`,
      [idOf(old)],
    );
    expect(await sweepCompensations()).toBe(0);
  });
});
