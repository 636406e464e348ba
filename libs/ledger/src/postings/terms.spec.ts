// Goal: the tables know a day exactly as the rules do: opened once, grown, moved, read before and after. Method: worked
// days on a real Postgres and the same in memory.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Instant } from '@fairmeter/domain';
import { dailyLotId, instant } from '@fairmeter/domain';
import { admitOrder, after, botTerms, creditsOf, HOUR } from '../../../../test/harness/orders.js';
import { NOON, type Twin, Twins } from '../../../../test/harness/twin.js';
import { LedgerStore } from '../store/ledger-store.js';
import { JobLedger } from './job-ledger.js';

const DAY = 24 * HOUR;

let twins: Twins;

beforeAll(async () => {
  twins = await Twins.open();
}, 60_000);

afterAll(async () => {
  await twins.closeAudited();
}, 60_000);

/** To who needs more than there is. */
async function toldBefore(twin: Twin, at: Instant): Promise<unknown> {
  const { amount, refusalOf } = await twin.spendable(at);
  const refusal = refusalOf(creditsOf('50'));
  expect(refusal).toMatchObject({ code: 'credits_exhausted', available: amount });
  return refusal;
}

describe('a day in the tables', () => {
  it('[E9] pays first, and once: the next posting of the day finds it used up', async () => {
    const twin = twins.fresh();
    await twin.setTerms(NOON, { zone: 'Europe/Berlin', daily: '1' });
    await twin.grant(NOON, '100');
    for (const name of ['one', 'two', 'three']) expect(await twin.work(name, after(NOON, HOUR))).toBe('charged');
    const { daily, subscription, available } = await twin.credits();
    expect([daily.available, subscription.available]).toEqual([0n, creditsOf('99.2')]);
    expect(available).toBe(twin.model.availableAt(after(NOON, HOUR)));
  });

  it('[E43] is told before it was needed and after, under the same id, with its reset', async () => {
    const twin = twins.fresh();
    await twin.setTerms(NOON, { zone: 'Asia/Kathmandu', daily: '5' });
    const reset = instant(Date.UTC(2199, 0, 1, 18, 15));
    const tomorrow = after(reset, HOUR);
    const [unopened] = await twin.lots(tomorrow);
    expect(unopened).toMatchObject({
      id: dailyLotId(twin.owner.scopeId, reset),
      state: 'live',
      granted: creditsOf('5'),
      open: creditsOf('5'),
      spent: 0n,
      validFrom: reset,
      expiresAt: reset + DAY,
    });
    await twin.work('one', tomorrow);
    const [opened] = await twin.lots(tomorrow);
    expect(opened).toEqual({ ...unopened, open: creditsOf('4.4'), spent: creditsOf('0.6') });
    expect((await twin.credits(tomorrow)).daily).toMatchObject({
      available: creditsOf('4.4'),
      nextResetAt: after(reset, DAY),
    });
  });

  it('ends in the past when the terms of then said, wherever a later change of the zone moved it', async () => {
    const twin = twins.fresh();
    await twin.setTerms(NOON, { zone: 'Asia/Kathmandu', daily: '5' });
    await twin.work('one', NOON);
    await twin.setTerms(after(NOON, HOUR), { zone: 'Pacific/Pago_Pago' });
    const kathmandu = instant(Date.UTC(2199, 0, 1, 18, 15));
    const pagoPago = instant(Date.UTC(2199, 0, 2, 11));
    const before = after(NOON, 60_000);
    const [then] = await twin.lotsAt(before);
    expect([then?.expiresAt, (await twin.credits(before)).daily.nextResetAt]).toEqual([kathmandu, kathmandu]);
    const [now] = await twin.lots(after(NOON, HOUR));
    expect([now?.expiresAt, (await twin.credits()).daily.nextResetAt]).toEqual([pagoPago, pagoPago]);
  });

  it('[E4] is told for any instant of the past as it was then, opened or not', async () => {
    const twin = twins.fresh();
    await twin.setTerms(NOON, { zone: 'America/Havana', daily: '2' });
    const expected = new Map<Instant, bigint>();
    const remember = (at: Instant): void => {
      expected.set(at, twin.model.availableAt(at));
    };
    const moves = [
      { in: 2 * HOUR, zone: 'Pacific/Kiritimati' },
      { in: DAY, daily: '3' },
      { in: DAY + HOUR, works: true },
      { in: DAY + 3 * HOUR, zone: 'Pacific/Pago_Pago', daily: '1' },
      { in: 3 * DAY, works: true },
      { in: 6 * DAY, zone: 'Europe/Berlin' },
      { in: 6 * DAY + HOUR, works: true },
    ];
    let last = NOON;
    for (const [index, move] of moves.entries()) {
      const at = after(NOON, move.in);
      for (let asked = last; asked < at; asked = after(asked, 97 * 60_000)) remember(asked);
      if (move.works === true) await twin.work(`job-${index}`, at);
      else await twin.setTerms(at, move);
      last = at;
    }
    remember(last);
    const told = new Map<Instant, bigint>();
    for (const at of expected.keys()) told.set(at, (await twin.credits(at)).available);
    expect(told).toEqual(expected);
    expect(told.size).toBeGreaterThan(50);
  });

  it('grows with its terms, also when nothing of it is left, and moves its end', async () => {
    const twin = twins.fresh();
    await twin.setTerms(NOON, { zone: 'UTC', daily: '0.6' });
    await twin.grant(NOON, '10');
    await twin.work('one', NOON);
    await twin.work('two', NOON);
    expect((await twin.credits()).daily.available).toBe(0n);
    await twin.setTerms(NOON, { zone: 'America/New_York', daily: '2' });
    const { daily } = await twin.credits();
    expect(daily).toMatchObject({ available: creditsOf('1.4'), nextResetAt: Date.UTC(2199, 0, 2, 5) });
    await twin.work('three', after(NOON, 13 * HOUR));
    expect((await twin.credits()).daily.available).toBe(creditsOf('0.8'));
  });

  it('opens once where a hundred need it at the same moment, from two writers', async () => {
    const twin = twins.fresh();
    await twin.setTerms(NOON, { zone: 'UTC', daily: '500' });
    const bot = botTerms({ accountId: twin.accountId });
    const other = new JobLedger(new LedgerStore(twins.db.writer));
    const admitted = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        (index % 2 === 0 ? twins.db.jobs : other).admit(
          twin.accountId,
          after(NOON, DAY),
          admitOrder(`${index}_${twin.accountId}`, { bot }),
        ),
      ),
    );
    expect(admitted.every((one) => one.ok)).toBe(true);
    const credits = await twin.credits();
    expect([credits.daily.total, credits.total]).toEqual([creditsOf('500'), creditsOf('500')]);
    const opened = await twins.db.writer.query({
      text: `SELECT amount FROM ledger.entries WHERE scope_id = $1 AND from_account = 'issued:daily'
        AND effective_at >= $2`,
      values: [twin.owner.scopeId, new Date(after(NOON, DAY)).toISOString()],
    });
    expect(opened).toEqual([{ amount: creditsOf('500') }]);
  });

  it('says at zero when more comes, to who asks before and to who is refused', async () => {
    const twin = twins.fresh();
    await twin.setTerms(NOON, { zone: 'UTC', daily: '1' });
    await twin.work('one', NOON);
    const midnight = instant(Date.UTC(2199, 0, 2));
    expect(await toldBefore(twin, NOON)).toMatchObject({ available: creditsOf('0.4'), resetsAt: midnight });
    expect(await twin.work('two', NOON)).toMatchObject({ code: 'credits_exhausted', resetsAt: midnight });
    expect(await toldBefore(twin, midnight)).toMatchObject({
      available: creditsOf('1'),
      resetsAt: after(midnight, DAY),
    });
  });

  it('says a debt to who asks before, as the ledger would, however much else there is', async () => {
    const twin = twins.fresh();
    await twin.grant(NOON, '0.8');
    expect(await twin.work('one', NOON)).toBe('charged');
    const [lot] = await twin.lots(NOON);
    await twins.db.grants.clawBack(twin.owner, NOON, lot?.id ?? '');
    await twin.grant(after(NOON, 1), '50');
    const reach = await twin.spendable(after(NOON, 1));
    expect([reach.amount, reach.refusalOf(creditsOf('1'))]).toEqual([
      0n,
      { code: 'debt_outstanding', debt: creditsOf('0.6') },
    ]);
  });

  it('is one operation per key: asked again it answers the same, with another zone it is refused', async () => {
    const twin = twins.fresh();
    const post = { owner: twin.owner, changeKey: 'only', asOf: NOON };
    const first = await twins.db.terms.setTerms({ ...post, order: { zone: 'UTC' } });
    expect(await twins.db.terms.setTerms({ ...post, order: { zone: 'UTC' } })).toEqual(
      first.ok ? { ok: true, value: { ...first.value, replayed: true } } : first,
    );
    expect(await twins.db.terms.setTerms({ ...post, order: { zone: 'Asia/Tokyo' } })).toMatchObject({
      refusal: { code: 'operation_mismatch', field: 'zone' },
    });
  });
});
