// Goal: a limit set in the terms of a scope counts at every step, in its own period, and is remembered. Method: worked
// jobs on a real Postgres and the same in memory.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LimitChange, LimitRef } from '@fairmeter/domain';
import { admitOrder, after, beginOrder, botTerms, creditsOf, HOUR } from '../../../../test/harness/orders.js';
import { NOON, Twins } from '../../../../test/harness/twin.js';

const DAY = 24 * HOUR;
const SPEND: LimitRef = { kind: 'spend', subject: '' };

let twins: Twins;

beforeAll(async () => {
  twins = await Twins.open();
}, 60_000);

afterAll(async () => {
  await twins.closeAudited();
}, 60_000);

describe('a limit in the tables', () => {
  const limit = (amount: string | null, period: LimitChange['period'] = 'day'): LimitChange => ({
    ...SPEND,
    period,
    amount: amount === null ? null : creditsOf(amount),
  });

  it('stops a job at its own code, and has room again in the next period', async () => {
    const twin = twins.fresh();
    await twin.setTerms(NOON, { zone: 'UTC' });
    await twin.grant(NOON, '100');
    await twin.setLimits(NOON, [limit('1')]);
    expect(await twin.work('one', NOON, [SPEND])).toBe('charged');
    expect(await twin.work('two', NOON, [SPEND])).toMatchObject({
      code: 'spend_limit_reached',
      used: creditsOf('0.6'),
    });
    expect(await twin.work('free', NOON)).toBe('charged');
    expect(await twin.work('next', after(NOON, DAY), [SPEND])).toBe('charged');
  });

  it('of a billing period counts from the start of the present period lot, used up or not', async () => {
    const twin = twins.fresh();
    const start = after(NOON, -DAY);
    const period = { validFrom: start, expiresAt: after(NOON, DAY), amount: creditsOf('0.7') };
    const order = { ...period, kind: 'subscription' as const, sourceRef: 'period' };
    await twins.db.grants.grant(twin.owner, NOON, order);
    twin.model.grant(NOON, { ...order, lotId: 'model-period' });
    await twin.grant(NOON, '100');
    await twin.setLimits(NOON, [limit('1', 'billing_period')]);
    expect(await twin.work('one', NOON, [SPEND])).toBe('charged');
    expect(await twin.work('two', NOON, [SPEND])).toMatchObject({ code: 'spend_limit_reached' });
    const counters = await twins.db.writer.query<{ period_start: Date }>(
      `SELECT period_start FROM ledger.counters WHERE scope_id = '${twin.owner.scopeId}'`,
    );
    expect(counters.map((row) => row.period_start.getTime())).toEqual([start]);
  });

  it('goes on counting the day that had begun before the scope had terms', async () => {
    const twin = twins.fresh();
    await twin.grant(NOON, '100');
    await twin.setLimits(NOON, [limit('1')]);
    expect(await twin.work('one', NOON, [SPEND])).toBe('charged');
    // Berlin's day began an hour before that of UTC.
    await twin.setTerms(NOON, { zone: 'Europe/Berlin' });
    expect(await twin.work('two', NOON, [SPEND])).toMatchObject({
      code: 'spend_limit_reached',
      used: creditsOf('0.6'),
    });
    expect(await twin.work('next', after(NOON, 11 * HOUR), [SPEND])).toBe('charged');
  });

  it('taken away and set again remembers what was used', async () => {
    const twin = twins.fresh();
    await twin.setTerms(NOON, { zone: 'UTC' });
    await twin.grant(NOON, '100');
    await twin.setLimits(NOON, [limit('1')]);
    await twin.work('one', NOON, [SPEND]);
    await twin.setLimits(NOON, [limit(null)]);
    expect(await twin.work('between', NOON, [SPEND])).toBe('charged');
    await twin.setLimits(NOON, [limit('1')]);
    expect(await twin.work('two', NOON, [SPEND])).toMatchObject({
      code: 'spend_limit_reached',
      used: creditsOf('0.6'),
    });
  });

  it('leaves a step the room there is instead of asking for its worst case', async () => {
    const twin = twins.fresh();
    await twin.grant(NOON, '100');
    await twin.setLimits(NOON, [limit('1.25', 'total')]);
    const jobId = `short_${twin.accountId}`;
    const bot = botTerms({ accountId: twin.accountId });
    await twins.db.jobs.admit(twin.accountId, NOON, admitOrder(jobId, { bot, limitRefs: [SPEND] }));
    const begun = await twins.db.jobs.beginStep({
      payer: { accountId: twin.accountId, jobId },
      tryKey: 'a',
      asOf: NOON,
      order: beginOrder(1, { stage: 'generate' }),
    });
    expect(begun).toMatchObject({ ok: true });
    const held = await twins.db.writer.query<{ held: bigint }>(
      `SELECT held FROM ledger.counters WHERE scope_id = '${twin.owner.scopeId}'`,
    );
    expect(held[0]?.held).toBeLessThanOrEqual(creditsOf('1.25'));
  });
});
