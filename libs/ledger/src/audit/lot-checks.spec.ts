// Goal: the auditor names a hand that changed who may pay, for how long, or what a limit has counted. Method: an
// honest ledger with a day, a limit and a charged job, and one row at a time changed by a hand no role of ours has.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { withClient } from '@fairmeter/platform/database';
import type { Instant } from '@fairmeter/domain';
import {
  admitOrder,
  after,
  beginOrder,
  botTerms,
  creditsOf,
  endOrder,
  grantOrder,
  wishFor,
} from '../../../../test/harness/orders.js';
import { NOON, SETTLING, Twins } from '../../../../test/harness/twin.js';

const SPEND = { kind: 'spend', subject: '' } as const;

let twins: Twins;

beforeEach(async () => {
  twins = await Twins.open();
  const twin = twins.fresh();
  await twin.setTerms(NOON, { zone: 'Asia/Kathmandu', daily: '0.5' });
  await twin.setLimits(NOON, [{ ...SPEND, period: 'day', amount: creditsOf('5') }]);
  await twin.grant(NOON, '100');
  expect(await twin.work('one', after(NOON, 1), [SPEND])).toBe('charged');
});

afterEach(async () => {
  await twins.close();
});

describe('`available.equals-entries`', () => {
  it.each([
    ['a kind', "UPDATE ledger.lots SET kind = 'bundle' WHERE kind = 'subscription'", /bundle until .* opening says/],
    ['an end', "UPDATE ledger.lots SET expires_at = '2300-01-01' WHERE kind = 'subscription'", /until 2300/],
    ['a lot taken back', 'UPDATE ledger.lots SET clawed_back = true', /taken back t; .* taken back f/],
    ['the end of a day', "UPDATE ledger.lots SET expires_at = '2300-01-01' WHERE kind = 'daily'", /the terms say/],
    ['what a day was given', "UPDATE ledger.lots SET granted = granted + 1 WHERE kind = 'daily'", /the terms say/],
    ['a day that was opened', 'UPDATE ledger.scopes SET day_opened = NULL', /day opened/],
    ['terms that are gone', 'DELETE FROM ledger.terms', /counts 1 terms/],
    ['a limit that is gone', 'DELETE FROM ledger.limits', /1 limits, has 1 and 0/],
    [
      'the use of a limit',
      'UPDATE ledger.counters SET used = 0; UPDATE ledger.hold_counters SET used = 0',
      /counted 0, captured and kept 600000/,
    ],
    [
      'a lot that was drawn on before it lived',
      "UPDATE ledger.lots SET valid_from = '2250-01-01' WHERE kind = 'subscription'",
      /lives from 2250/,
    ],
  ])('names %s that a hand changed', async (_, statement, named) => {
    expect(await twins.differences()).toEqual([]);
    await withClient(twins.db.database.adminUrl, async (admin) => {
      await admin.query('SET session_replication_role = replica');
      await admin.query(statement);
    });
    expect((await twins.differences()).join('\n')).toMatch(named);
  });
});

describe('`hold.captured-at-most-held`', () => {
  it('knows that a limit for everybody, set while a hold was open, has counted from then on', async () => {
    const { db } = twins;
    const { owner, accountId } = twins.fresh();
    const { lotId: _, ...grant } = grantOrder({ lotId: 'source', amount: creditsOf('100') });
    expect(await db.grants.grant(owner, NOON, grant)).toMatchObject({ ok: true });
    const jobId = `campaign_${accountId}`;
    const payer = { accountId, jobId };
    const order = admitOrder(jobId, {
      bot: botTerms({ accountId }),
      wish: wishFor({ maxCredits: creditsOf('3') }),
      limitRefs: [{ kind: 'campaign', subject: 'one', usual: 'all' }],
    });
    expect(await db.jobs.admit(accountId, NOON, order)).toMatchObject({ ok: true });
    const step = async (ordinal: number, asOf: Instant): Promise<void> => {
      expect(await db.jobs.beginStep({ payer, tryKey: 'a', asOf, order: beginOrder(ordinal) })).toMatchObject({
        value: { result: { outcome: 'begun' } },
      });
      await db.jobs.endStep({ payer, tryKey: 'a', asOf, order: endOrder(ordinal, 1) });
    };
    await step(1, after(NOON, 1));
    const limit = { kind: 'campaign', subject: 'all', period: 'day', amount: creditsOf('5') } as const;
    await db.terms.setLimits({ owner, changeKey: 'all', asOf: after(NOON, 2), order: [limit] });
    await step(2, after(NOON, 3));
    expect(await db.jobs.settle(payer, after(NOON, 4), SETTLING)).toMatchObject({ ok: true });
    expect(await twins.differences()).toEqual([]);
  });
});
