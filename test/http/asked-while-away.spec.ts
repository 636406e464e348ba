// Goal: what staff asked for while Temporal was away begins by itself once it is back. Method: an API behind a wire
// that can be cut, a worker that is not, and the sweeps as workers have them.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { changeToAgreed, decideCustomPlan } from '../../apps/worker/src/begin-custom-plan.js';
import { beginCompensation, beginGrant } from '../../apps/worker/src/begin-request.js';
import type { Answer } from '../harness/bot-client.js';
import { answer, OFFER, PlanSeeker } from '../harness/custom-planning.js';
import { creditsOf, use } from '../harness/orders.js';
import type { Played } from '../harness/played-jobs.js';
import { subscriptionStands } from '../harness/signed-in.js';
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
let seekers: readonly PlanSeeker[];

beforeAll(async () => {
  staff = await Compensating.open();
  lost = (await staff.stack.startWorker()).parts.lostRequests;
  proxy = await TcpProxy.before(testServers().temporalAddress);
  // Short: nobody answers once the wire is cut, and waiting for it longer shows no more.
  await staff.stack.startApi({ TEMPORAL_ADDRESS: proxy.address, ADMIT_DEADLINE_MS: '300' });
  await staff.support.userId();
  await staff.admin.userId();
  seekers = await Promise.all([1, 2, 3, 4].map(async () => PlanSeeker.open(staff.stack, staff.issuer)));
  // What comes with their accounts is there: it could not be begun any more.
  for (const { owner } of seekers) {
    await subscriptionStands(owner);
  }
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
async function isDue(table: 'compensations' | 'custom_plan_words' | 'grants', id: unknown): Promise<void> {
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

describe('what staff said to a request for a custom plan while Temporal was away', () => {
  // One admin alone may agree to it here.
  const SMALL_OFFER = { ...OFFER, credits: { per_period: '40', period: 'P1M' } };
  const UNKNOWN = [503, 'service_unavailable'];

  type Change = (...asked: Parameters<typeof changeToAgreed>) => Promise<unknown>;

  const sweepWords = async (change: Change = changeToAgreed): Promise<number> =>
    lost.beginCustomPlan({
      decide: async (said) => decideCustomPlan(staff.stack.temporal, said),
      change: async (agreed, { requestId }) => {
        await change(staff.stack.temporal, agreed, requestId);
      },
    });

  /** Every word on a request, in the order in which they were said, and once more. */
  async function wordsAreDue(requestId: string): Promise<void> {
    await staff.stack.entities.manager.query(
      `UPDATE records.custom_plan_words SET look_at = coalesce(look_at, clock_timestamp()) - interval '2 minutes'
       WHERE custom_plan_request_id = $1`,
      [requestId],
    );
  }

  async function asked(place: number): Promise<{ readonly seeker: PlanSeeker; readonly id: string }> {
    const seeker = seekers[place];
    if (seeker === undefined) throw new Error('so many have not signed in');
    return { seeker, id: await seeker.request() };
  }

  const stateOf = async (seeker: PlanSeeker): Promise<unknown> =>
    (await seeker.list('/v1/account/custom-plan-requests'))[0]?.['state'];

  it('[E22] [F24] is published by itself once Temporal is back, and heard by the subscription once', async () => {
    const { seeker, id } = await asked(0);
    // What was refused by the same name before is not the answer to what is asked now.
    const account = { accountId: seeker.accountId, timeZone: 'UTC', planId: 'plan_free' };
    const refused = { customPlanRequestId: id, planId: 'plan_none', agreedBy: await staff.admin.userId(), account };
    expect(await changeToAgreed(staff.stack.temporal, refused, 'req_before')).toBeInstanceOf(Error);
    expect(told(await answer(staff.admin, `${id}/offer`, SMALL_OFFER))).toEqual(UNKNOWN);
    expect(await sweepWords()).toBe(0);
    await wordsAreDue(id);
    // Published, and whoever was to tell the subscription died over it.
    await expect(sweepWords(away)).rejects.toThrow('Temporal is away');
    expect(await stateOf(seeker)).toBe('published');
    expect(await sweepWords()).toBe(0);
    await wordsAreDue(id);
    expect([await sweepWords(), await sweepWords()]).toEqual([1, 0]);
    expect((await seeker.owner.get('/v1/account/subscription')).body).toMatchObject({ plan: { id: `plan_${id}` } });
    // Heard once, it is the owner's to change.
    await wordsAreDue(id);
    expect(await lost.beginCustomPlan({ decide: away, change: away })).toBe(1);
    const changes = await seeker.list('/v1/audit?action=subscription.plan_changed');
    expect(changes).toMatchObject([{ actor: { role: 'admin', id: await staff.admin.userId() } }]);
  });

  it('[F24] counts as it was said last', async () => {
    const { seeker, id } = await asked(1);
    expect(told(await answer(staff.admin, `${id}/offer`, SMALL_OFFER))).toEqual(UNKNOWN);
    expect(told(await answer(staff.admin, `${id}/decline`, { reason: 'A slip' }))).toEqual(UNKNOWN);
    await wordsAreDue(id);
    expect([await sweepWords(), await sweepWords(), await sweepWords()]).toEqual([1, 1, 0]);
    expect(await stateOf(seeker)).toBe('declined');
    expect(await seeker.planIds()).not.toContain(`plan_${id}`);
  });

  it('[edge 70] is not asked of a subscription whose account was closed meanwhile', async () => {
    const { seeker, id } = await asked(3);
    expect(told(await answer(staff.admin, `${id}/offer`, SMALL_OFFER))).toEqual(UNKNOWN);
    await staff.stack.entities.manager.query(`UPDATE records.accounts SET status = 'closed' WHERE id = $1`, [
      seeker.accountId,
    ]);
    await wordsAreDue(id);
    expect([await sweepWords(away), await sweepWords()]).toEqual([1, 0]);
    expect(await stateOf(seeker)).toBe('published');
  });

  it('[E22] [F24] waits for a second person where it is much, whose word is not lost either', async () => {
    const { seeker, id } = await asked(2);
    expect(told(await answer(staff.admin, `${id}/offer`, OFFER))).toEqual(UNKNOWN);
    await wordsAreDue(id);
    expect(await sweepWords()).toBe(1);
    expect(await stateOf(seeker)).toBe('offered');
    const [{ offer_id: offer } = { offer_id: '' }] = await staff.stack.entities.manager.query<{ offer_id: string }[]>(
      'SELECT offer_id FROM records.custom_plan_requests WHERE id = $1',
      [id],
    );
    const approval = { offer_id: offer, reason: 'Looked at it' };
    expect(told(await answer(staff.otherAdmin, `${id}/approve`, approval))).toEqual(UNKNOWN);
    await wordsAreDue(id);
    expect([await sweepWords(), await sweepWords(), await sweepWords()]).toEqual([1, 1, 0]);
    expect(await stateOf(seeker)).toBe('published');
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
    // No sweep comes upon it again.
    const left = await staff.stack.entities.manager.query<unknown[]>(
      `SELECT look_at::text FROM records.compensations WHERE id = $1`,
      [idOf(old)],
    );
    expect(left).toEqual([{ look_at: 'infinity' }]);
  });
});
