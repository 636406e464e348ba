// Goal: the auditor names a hand that changed who may pay, for how long, or what a limit has counted. Method: an
// honest ledger with a day, a limit and a charged job, and one row at a time changed by a hand no role of ours has.
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Instant } from '@fairmeter/domain';
import { KeptRows } from '../../../../test/harness/kept-rows.js';
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
const MONTH = { validFrom: after(NOON, 1_000), expiresAt: after(NOON, 90_000), amount: creditsOf('10') };
const ENDED = { kind: 'eu_allowance', sourceRef: 'period/ended' } as const;
const REPLACED = { kind: 'eu_allowance', sourceRef: 'period/replaced' } as const;
const GROWN = { kind: 'eu_allowance', sourceRef: 'period/grown' } as const;

const OF_ENDED = `source_ref = '${ENDED.sourceRef}'`;
const OF_REPLACED = `source_ref = '${REPLACED.sourceRef}'`;
const OF_GROWN = `source_ref = '${GROWN.sourceRef}'`;

let twins: Twins;
let rows: KeptRows;

beforeAll(async () => {
  twins = await Twins.open();
  const twin = twins.fresh();
  await twin.setTerms(NOON, { zone: 'Asia/Kathmandu', daily: '0.5' });
  await twin.setLimits(NOON, [{ ...SPEND, period: 'day', amount: creditsOf('5') }]);
  await twin.grant(NOON, '100');
  expect(await twin.work('one', after(NOON, 1), [SPEND])).toBe('charged');
  const { grants } = twins.db;
  await grants.grant(twin.owner, NOON, { ...MONTH, ...ENDED });
  await grants.endLot(twin.owner, after(NOON, 2_000), ENDED);
  await grants.grant(twin.owner, NOON, { ...MONTH, ...REPLACED, validFrom: NOON });
  await grants.grant(twin.owner, NOON, { ...MONTH, ...GROWN, periodStart: NOON, inPlaceOf: REPLACED.sourceRef });
  await grants.growLot(twin.owner, NOON, { ...GROWN, amount: creditsOf('5'), growKey: 'one' });
  rows = await KeptRows.of(twins.db.database.adminUrl);
}, 60_000);

afterEach(async () => {
  await rows.bringBack();
}, 60_000);

afterAll(async () => {
  await twins.close();
}, 60_000);

describe('`available.equals-entries`', () => {
  it.each([
    [
      'a kind',
      "UPDATE ledger.lots SET kind = 'bundle' WHERE kind = 'subscription'",
      /bundle until .* posted was subscription/,
    ],
    ['an end', "UPDATE ledger.lots SET expires_at = '2300-01-01' WHERE kind = 'subscription'", /until 2300/],
    [
      'an early end',
      `UPDATE ledger.lots SET expires_at = expires_at + interval '1 s' WHERE ${OF_ENDED}`,
      /was .* until/,
    ],
    [
      'what ended unused',
      `UPDATE ledger.lots SET lapsed = lapsed - 1 WHERE ${OF_ENDED}`,
      /9999999 lapsed, its entries say 10000000/,
    ],
    [
      'an end that came with another lot',
      `UPDATE ledger.lots SET expires_at = expires_at + interval '1 s' WHERE ${OF_REPLACED}`,
      /period\/replaced|until .* posted was/,
    ],
    ['an end that was early', `UPDATE ledger.lots SET expires_at = granted_until WHERE ${OF_ENDED}`, /posted was/],
    ['which end was named', `UPDATE ledger.lots SET granted_until = NULL WHERE ${OF_ENDED}`, /granted until , of/],
    ['a growth', "DELETE FROM ledger.operations WHERE verb = 'lot.grow'", /granted 15000000, entries say .* 10000000/],
    ['a grant', `UPDATE ledger.lots SET granted = granted + 1 WHERE ${OF_GROWN}`, /granted 15000001/],
    ['a period', `UPDATE ledger.lots SET period_start = NULL WHERE ${OF_GROWN}`, /of a period from , taken/],
    [
      'two periods at one instant',
      "UPDATE ledger.lots SET source_ref = 'period/x' || id, valid_from = '2199-01-01', period_start = NULL, " +
        "kind = 'subscription'",
      /lots of kind subscription begin/,
    ],
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
    await rows.tamper(statement);
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
