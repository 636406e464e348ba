// Goal: automatic refunds, support and reviews that ask for steps of one job at once, through a real Postgres, come to
// at most one refund of each step, whoever comes first. Method: random orders of the lanes, all posted side by side.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decidedRefundKey } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import fc from 'fast-check';
import { LedgerDatabase } from '../../../../test/harness/ledger-database.js';
import { admitOrder, after, beginOrder, botTerms, creditsOf, endOrder, T0 } from '../../../../test/harness/orders.js';
import { auditLedger } from '../audit/audit.js';
import type { JobPayer } from './job-ledger.js';

const STEPS = 4;
const JOBS = 12;

const asks = fc.array(
  fc.record({
    lane: fc.constantFrom('auto' as const, 'support' as const, 'review' as const),
    ordinals: fc.uniqueArray(fc.integer({ min: 1, max: STEPS }), { minLength: 1, maxLength: STEPS }),
  }),
  { minLength: 3, maxLength: 8 },
);

describe('lanes of refunds at once', () => {
  let db: LedgerDatabase;
  let played: readonly { readonly refunded: string; readonly charge: string; readonly most: string }[] = [];

  beforeAll(async () => {
    db = await LedgerDatabase.open();
    const accountId = newId('acc');
    const lot = { kind: 'subscription', amount: creditsOf('1000'), validFrom: T0, expiresAt: null } as const;
    await db.grants.grantToAccount(accountId, T0, { ...lot, sourceRef: 'all' });
    const jobs = fc.sample(asks, JOBS).map(async (wishes) => {
      const payer = await spend(accountId);
      await Promise.all(wishes.map(async (wish, number) => ask(payer, wish, number)));
      return payer.jobId;
    });
    played = await db.entities.manager.query(
      `SELECT j.refunded::text, j.charge::text, (SELECT max(s.sum)::text FROM (
         SELECT sum(e.amount) FROM ledger.entries e WHERE e.job_id = j.id AND e.from_account LIKE 'consumed:%'
         GROUP BY e.step_ordinal) s) AS most
       FROM ledger.jobs j WHERE id = ANY ($1)`,
      [await Promise.all(jobs)],
    );
  }, 60_000);

  afterAll(async () => {
    await db.close();
  }, 60_000);

  /** Of four steps at 0.6 credits. */
  async function spend(accountId: string): Promise<JobPayer> {
    const order = admitOrder(newId('job'), { bot: botTerms({ accountId }) });
    await db.jobs.admit(accountId, T0, order);
    const payer = { accountId, jobId: order.jobId };
    for (let ordinal = 1; ordinal <= STEPS; ordinal += 1) {
      await db.jobs.beginStep({ payer, tryKey: 'try', asOf: T0, order: beginOrder(ordinal) });
      await db.jobs.endStep({ payer, tryKey: 'try', asOf: T0, order: endOrder(ordinal, 1) });
    }
    await db.jobs.settle(payer, T0, { state: 'completed', reason: 'finished', minimumCharge: creditsOf('0.1') });
    return payer;
  }

  async function ask(
    payer: JobPayer,
    { lane, ordinals }: { readonly lane: 'auto' | 'support' | 'review'; readonly ordinals: readonly number[] },
    number: number,
  ): Promise<void> {
    const key = lane === 'auto' ? `finding/${number}` : decidedRefundKey({ lane, caseRef: `ref_${number}`, round: 1 });
    const form = lane === 'review' ? 'compensation' : 'origin_while_live';
    const refunded = await db.jobs.refundSteps(payer, key, { asOf: after(T0, number), ordinals, form });
    if (!refunded.ok) expect(refunded.refusal.code).toBe('nothing_refundable');
  }

  it('[F14] never give back more than was charged, nor any step twice', () => {
    expect(played).toHaveLength(JOBS);
    for (const { refunded, charge, most } of played) {
      expect(BigInt(refunded)).toBeGreaterThan(0n);
      expect(BigInt(refunded)).toBeLessThanOrEqual(BigInt(charge));
      expect(most).toBe('600000');
    }
  });

  it('[F14] leave books that hold', async () => {
    const report = await auditLedger(db.writer);
    expect(report.holds).toBe(true);
  });
});
