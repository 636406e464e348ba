// Goal: a subscription's lots in the tables: grown, ended and taken back once, told as they were at every past instant,
// and limits that turn with them although nothing runs. Method: a real Postgres, the same in memory, and the auditor.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { GrantOrder, Instant, LimitRef, PeriodLotName } from '@fairmeter/domain';
import { endUserScope } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import { admitOrder, after, beginOrder, botTerms, creditsOf } from '../../../../test/harness/orders.js';
import { NOON, Twins, type Twin } from '../../../../test/harness/twin.js';

const DAY = 86_400_000;
const day = (days: number): Instant => after(NOON, days * DAY);
const SPEND: LimitRef = { kind: 'spend', subject: '' };
const FIRST = { source: 'period/first', from: day(0), until: day(30) };
const SECOND = { source: 'period/second', from: day(30), until: day(60) };

let twins: Twins;

beforeAll(async () => {
  twins = await Twins.open();
}, 60_000);

afterAll(async () => {
  await twins.closeAudited();
}, 60_000);

interface Period {
  readonly source: string;
  readonly from: Instant;
  readonly until: Instant;
  readonly periodStart?: Instant;
  readonly credits?: string;
}

const nameOf = ({ source }: Period): PeriodLotName => ({ kind: 'subscription', sourceRef: source });

async function post(twin: Twin, asOf: Instant, { credits = '100', ...period }: Period): Promise<void> {
  const late = period.periodStart === undefined ? {} : { periodStart: period.periodStart };
  const span = { validFrom: period.from, expiresAt: period.until, ...late };
  const order: Omit<GrantOrder, 'lotId'> = { ...nameOf(period), amount: creditsOf(credits), ...span };
  twin.model.grant(asOf, { ...order, lotId: `model-${period.source}` });
  expect(await twins.db.grants.grant(twin.owner, asOf, order)).toMatchObject({ ok: true });
}

async function takeBack(twin: Twin, asOf: Instant, period: Period): Promise<unknown> {
  twin.model.takeBackLot(asOf, nameOf(period));
  return twins.db.grants.takeBackLot(twin.owner, asOf, nameOf(period));
}

/** Of what one request costs, a limit of a billing period has room for one. */
async function limited(): Promise<Twin> {
  const twin = twins.fresh();
  await post(twin, day(0), FIRST);
  await twin.setLimits(day(0), [{ ...SPEND, period: 'billing_period', amount: creditsOf('1') }]);
  expect(await twin.work('first', day(1), [SPEND])).toBe('charged');
  expect(await twin.work('second', day(2), [SPEND])).toMatchObject({ code: 'spend_limit_reached' });
  return twin;
}

const linesOf = async (twin: Twin, at: Instant): Promise<unknown[]> =>
  (await twin.lotsAt(at)).map((lot) => [lot.state, lot.granted, lot.open, lot.expiresAt]);

describe('an upgrade', () => {
  it('[E17] [E20] adds to the lot of which a job holds a part, once; the past keeps the smaller grant', async () => {
    const { grants, jobs } = twins.db;
    const twin = twins.fresh();
    const { accountId, owner } = twin;
    await post(twin, day(0), { ...FIRST, credits: '300' });
    const jobId = `upgraded_${accountId}`;
    await jobs.admit(accountId, day(1), admitOrder(jobId, { bot: botTerms({ accountId }) }));
    await jobs.beginStep({ payer: { accountId, jobId }, tryKey: 'a', asOf: day(1), order: beginOrder(1) });
    const before = await twin.credits(day(1));
    const order = { ...nameOf(FIRST), amount: creditsOf('466.7'), growKey: 'change/1' };
    expect(await grants.growLot(owner, day(10), order)).toMatchObject({ value: { replayed: false } });
    expect(await grants.growLot(owner, day(11), order)).toMatchObject({ value: { replayed: true } });
    const other = { ...order, amount: creditsOf('1') };
    expect(await grants.growLot(owner, day(11), other)).toMatchObject({ refusal: { code: 'operation_mismatch' } });
    const now = await twin.credits();
    expect([now.available - before.available, now.held]).toEqual([creditsOf('466.7'), before.held]);
    expect(now.subscription.periodEnd).toBe(FIRST.until);
    expect(await linesOf(twin, day(10))).toMatchObject([['live', creditsOf('766.7'), now.available, FIRST.until]]);
    expect(await linesOf(twin, day(9))).toMatchObject([['live', creditsOf('300'), before.available, FIRST.until]]);
    expect(await grants.growLot(owner, day(31), { ...order, growKey: 'late' })).toMatchObject({
      refusal: { code: 'lot_ended' },
    });
  });

  it('[X23] from free ends the free lot now for every read, and no read of the past notices', async () => {
    const { grants } = twins.db;
    const twin = twins.fresh();
    await post(twin, day(0), { ...FIRST, credits: '50' });
    const before = [await twin.credits(day(5)), await linesOf(twin, day(5))];
    await post(twin, day(10), { source: 'period/paid', from: day(10), until: day(41), credits: '1000' });
    const ended = await grants.endLot(twin.owner, day(10), nameOf(FIRST));
    expect(ended).toMatchObject({ value: { result: { lapsed: '50000000', takenBack: '0' }, replayed: false } });
    expect(await grants.endLot(twin.owner, day(12), nameOf(FIRST))).toMatchObject({ value: { replayed: true } });
    expect(await twin.credits()).toMatchObject({ available: creditsOf('1000'), subscription: { periodEnd: day(41) } });
    expect(await linesOf(twin, day(10))).toMatchObject([['live', creditsOf('1000'), creditsOf('1000'), day(41)]]);
    expect([await twin.credits(day(5)), await linesOf(twin, day(5))]).toEqual(before);
    expect((await twin.spendable(day(11))).amount).toBe(creditsOf('1000'));
  });
});

describe('a lot posted ahead', () => {
  it('[E43] is told as what comes next, counts for nothing before, and is gone when it was taken back', async () => {
    const twin = twins.fresh();
    await post(twin, day(0), { ...FIRST, credits: '50' });
    await post(twin, day(29), { ...SECOND, credits: '300' });
    const next = { startsAt: day(30), amount: creditsOf('300') };
    const fifty = { available: creditsOf('50'), total: creditsOf('50') };
    expect(await twin.credits()).toMatchObject({ ...fifty, subscription: { ...fifty, periodEnd: day(30), next } });
    expect((await twin.lots(day(29))).map(({ state }) => state)).toEqual(['live', 'upcoming']);
    const back = { takenBack: '300000000', lapsed: '0' };
    expect(await takeBack(twin, after(day(29), 5), SECOND)).toMatchObject({ value: { result: back } });
    expect(await twin.credits()).toMatchObject({ ...fifty, subscription: { periodEnd: day(30), next: null } });
    expect((await twin.lots(after(day(29), 5))).map(({ state }) => state)).toEqual(['live']);
    expect((await twin.lotsAt(day(29))).map(({ state }) => state)).toEqual(['live', 'upcoming']);
    await post(twin, after(day(29), 6), { ...SECOND, source: 'period/second/2' });
    expect((await twin.credits()).subscription.next).toEqual({ ...next, amount: creditsOf('100') });
    expect(await takeBack(twin, day(29), { ...SECOND, source: 'never posted' })).toMatchObject({
      value: { result: { lotId: null } },
    });
  });

  it('takes back for a payer whom the ledger has never met', async () => {
    const { owner } = twins.fresh();
    expect(await twins.db.grants.takeBackLot(owner, day(0), nameOf(FIRST))).toMatchObject({
      value: { result: { lotId: null, lapsed: '0', takenBack: '0' } },
    });
  });
});

describe('a period that was missed', () => {
  it('[F17] is booked and cannot be spent; the present one can', async () => {
    const twin = twins.fresh();
    await post(twin, day(70), FIRST);
    await post(twin, day(70), SECOND);
    await post(twin, day(70), { source: 'period/third', from: day(60), until: day(90) });
    expect(await twin.credits()).toMatchObject({ available: creditsOf('100'), subscription: { periodEnd: day(90) } });
    const entries = await twins.db.writer.query<{ booked: bigint; lapsed: bigint }>(
      `SELECT count(*) FILTER (WHERE from_account = 'issued:subscription') AS booked,
        count(*) FILTER (WHERE to_account = 'lapsed') AS lapsed
       FROM ledger.entries WHERE scope_id = '${twin.owner.scopeId}'`,
    );
    expect(entries).toEqual([{ booked: 3n, lapsed: 2n }]);
  });
});

describe('a limit of a billing period', () => {
  it('[E24] has room again from the instant at which the lot that was posted ahead begins', async () => {
    const twin = await limited();
    await post(twin, day(29), SECOND);
    expect(await twin.work('before', after(day(30), -1), [SPEND])).toMatchObject({
      code: 'spend_limit_reached',
      resetsAt: day(30),
    });
    expect(await twin.work('after', day(30), [SPEND])).toBe('charged');
    expect(await twin.work('again', day(31), [SPEND])).toMatchObject({ resetsAt: day(60) });
  });

  it('[edge 38] has room again at the boundary where nobody has paid, and no more when somebody does', async () => {
    const twin = await limited();
    await twin.grant(day(3), '100');
    expect(await twin.work('past due', day(31), [SPEND])).toBe('charged');
    await post(twin, day(33), { ...SECOND, from: day(33), periodStart: day(30) });
    expect(await twin.work('paid', day(34), [SPEND])).toMatchObject({ code: 'spend_limit_reached', resetsAt: day(60) });
  });

  it('has not begun anew by a lot that was taken back, nor by what a visitor of the account is given', async () => {
    const twin = await limited();
    await post(twin, day(3), { source: 'period/other', from: day(4), until: day(35) });
    await takeBack(twin, after(day(3), 1), { source: 'period/other', from: day(4), until: day(35) });
    const visitor = { accountId: twin.accountId, scopeId: endUserScope(newId('bot'), newId('usr')) };
    const allowance = { amount: creditsOf('5'), validFrom: day(4), expiresAt: day(34), sourceRef: 'period/visitor' };
    const given = await twins.db.grants.grant(visitor, day(4), { ...allowance, kind: 'eu_allowance' });
    expect(given).toMatchObject({ ok: true });
    expect(await twin.work('still', day(5), [SPEND])).toMatchObject({
      code: 'spend_limit_reached',
      resetsAt: day(30),
    });
  });
});
