// Goal: a job that a store remembers is paused, refunded and counted by what is true of its whole scope. Method: two
// stores on one ledger, jobs that stay open, and whatever a pause, a cap or a count must know that nobody remembers.
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { LoopFinding, Plan } from '@fairmeter/domain';
import { accountScope, ZERO } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import type { LedgerDatabase } from '../../../../test/harness/ledger-database.js';
import {
  admitOrder,
  beginOrder,
  botTerms,
  budgetOrder,
  byTokens,
  creditsOf,
  endOrder,
  planFor,
  priceFor,
  T0,
  USE_OF_0_6,
  waitOrder,
} from '../../../../test/harness/orders.js';
import { eachOnItsOwnAccount } from '../../../../test/harness/own-account.js';
import { playJob } from '../../../../test/harness/played-jobs.js';
import { JobControlLedger } from '../postings/job-control-ledger.js';
import type { LoopNote } from '../postings/job-ledger.js';
import { JobLedger } from '../postings/job-ledger.js';
import { LotLedger } from '../postings/lot-ledger.js';
import { LedgerStore } from './ledger-store.js';

let db: LedgerDatabase;
let accountId: string;
let other: LedgerStore;

eachOnItsOwnAccount('100', (own) => {
  ({ db, accountId } = own);
});

beforeEach(() => {
  other = new LedgerStore(db.writer);
});

const SETTLING = { state: 'completed', reason: 'finished', minimumCharge: creditsOf('0.1') } as const;

/** A job with so many ended steps of 0.6 credits each. */
async function jobOf(steps: number, jobs = db.jobs, settles = false): Promise<string> {
  const step = { stage: 'plan', kind: 'model_call', price: byTokens(priceFor()), used: USE_OF_0_6 } as const;
  const bot = botTerms({ accountId });
  const job = await playJob(jobs, { bot, steps: Array.from({ length: steps }, () => step), settles });
  if (job === null) throw new Error('the job was not admitted');
  return job.jobId;
}

/** Its first step was a repeat by a fault of ours; a fifth of the charges may go back by itself. */
function repeatIn(jobId: string): LoopNote {
  const step = { jobId, ordinal: 1 };
  const finding: LoopFinding = {
    signal: 'equal_calls',
    foundAt: step,
    stream: null,
    steps: [step],
    firstHonestStep: step,
    threshold: 3,
    period: null,
    subject: null,
    fingerprint: null,
    cause: 'platform_fault',
    confidence: 'high',
    remedy: 'refund',
    payers: [accountScope(accountId)],
    repeats: [step],
    refundableSteps: [step],
  };
  return { number: 1, finding, cap: { percentOfCharges: 20n, atLeast: ZERO }, asOf: T0 };
}

async function noteIn(jobs: JobLedger, jobId: string): Promise<string> {
  const noted = await jobs.noteLoop({ accountId, jobId }, repeatIn(jobId));
  return noted.ok ? noted.value.result.action : noted.refusal.code;
}

describe('the cap of automatic refunds', () => {
  it('is held against what other jobs were charged and given back, though this one is remembered', async () => {
    await jobOf(4);
    const [second, third] = [await jobOf(1), await jobOf(1)];
    // 3.6 credits were charged: a fifth is enough for one of them, not for both.
    expect(await noteIn(db.jobs, second)).toBe('refunded');
    expect(await noteIn(db.jobs, third)).toBe('review');
  });

  it('counts refunds of the group before, and those of another writer', async () => {
    const jobs = new JobLedger(new LedgerStore(db.writer, { lanes: 1, groupSize: 1 }));
    await jobOf(4, jobs);
    const [second, third] = [await jobOf(1, jobs), await jobOf(1, jobs)];
    expect((await Promise.all([noteIn(jobs, second), noteIn(jobs, third)])).sort()).toEqual(['refunded', 'review']);
    const fourth = await jobOf(1, jobs);
    expect(await noteIn(new JobLedger(other), fourth)).toBe('review');
    expect(await noteIn(jobs, await jobOf(2, jobs))).toBe('review');
    await jobOf(8, new JobLedger(other));
    expect(await noteIn(jobs, await jobOf(1, jobs))).toBe('refunded');
  });
});

describe('a refund of steps of a remembered job', () => {
  it('finds all of them, those that another writer ended among them, and takes each once', async () => {
    const jobId = await jobOf(2);
    const payer = { accountId, jobId };
    const step = { payer, asOf: T0, tryKey: 'try' };
    const others = new JobLedger(other);
    await db.jobs.beginStep({ ...step, order: beginOrder(3) });
    await others.endStep({ ...step, order: endOrder(3, 1) });
    const wish = { asOf: T0, form: 'origin_while_live' } as const;
    const first = await db.jobs.refundSteps(payer, 'first', { ...wish, ordinals: [1, 3] });
    expect(first).toMatchObject({ value: { result: { amount: '1200000' } } });
    const second = await db.jobs.refundSteps(payer, 'second', { ...wish, ordinals: [1, 2, 3] });
    expect(second).toMatchObject({ value: { result: { amount: '600000' } } });
    expect(await db.jobs.settle(payer, T0, SETTLING)).toMatchObject({ value: { result: { charge: '1800000' } } });
  });
});

describe('the count of open jobs', () => {
  const admit = async (jobs: JobLedger, plan: Partial<Plan>, jobId = newId('job')): Promise<string> => {
    const order = admitOrder(jobId, { bot: botTerms({ accountId, plan: planFor(plan) }) });
    const admitted = await jobs.admit(accountId, T0, order);
    return admitted.ok ? jobId : admitted.refusal.code;
  };
  const openJobs = async (): Promise<unknown> => {
    const [scope] = await db.writer.query<{ open_jobs: number }>({
      text: 'SELECT open_jobs FROM ledger.scopes WHERE id = $1',
      values: [accountScope(accountId)],
    });
    return scope?.open_jobs;
  };
  const one = { maxConcurrentJobs: 1 };

  it('[A27] is that of the scope, whoever opened and ended them', async () => {
    const others = new JobLedger(other);
    const first = await admit(db.jobs, one);
    expect(await admit(db.jobs, one)).toBe('concurrency_limit');
    await others.settle({ accountId, jobId: first }, T0, SETTLING);
    const second = await admit(db.jobs, one);
    expect(await admit(others, one)).toBe('concurrency_limit');
    expect(await db.jobs.settle({ accountId, jobId: second }, T0, SETTLING)).toMatchObject({ ok: true });
    expect(await openJobs()).toBe(0);
    expect(await admit(others, one)).toMatch(/^job_/);
    expect(await admit(db.jobs, one)).toBe('concurrency_limit');
    expect(await openJobs()).toBe(1);
  });

  it('goes on from the group before, which ends a job that is remembered', async () => {
    const jobs = new JobLedger(new LedgerStore(db.writer, { lanes: 1, groupSize: 1 }));
    const jobId = await admit(jobs, one);
    const [, next, more] = await Promise.all([
      jobs.settle({ accountId, jobId }, T0, SETTLING),
      admit(jobs, one),
      admit(jobs, one),
    ]);
    expect([next, more]).toEqual([expect.stringMatching(/^job_/), 'concurrency_limit']);
    expect(await openJobs()).toBe(1);
  });
});

describe('a pause of a remembered job', () => {
  it('is the same pause for every writer, and ends with what another one brought', async () => {
    accountId = await db.account('1');
    const payer = { accountId, jobId: await jobOf(1) };
    const step = { payer, asOf: T0 };
    const [control, others] = [db.control, new JobControlLedger(other)];
    const wait = async (by: JobControlLedger, tryKey: string): Promise<unknown> => {
      const waiting = await by.waitForCredits({ ...step, tryKey, order: waitOrder(2) });
      return waiting.ok ? waiting.value.result : waiting.refusal.code;
    };
    const paused = await wait(control, 'a');
    expect(paused).toMatchObject({ outcome: 'waiting' });
    expect([await wait(control, 'b'), await wait(others, 'c'), await wait(control, 'd')]).toEqual([
      paused,
      paused,
      paused,
    ]);
    await new LotLedger(other).grantToAccount(accountId, T0, {
      kind: 'bundle',
      amount: creditsOf('10'),
      validFrom: T0,
      expiresAt: null,
      sourceRef: 'more',
    });
    expect(await wait(control, 'e')).toEqual({ outcome: 'enough' });
    expect(await db.jobs.beginStep({ ...step, tryKey: 'f', order: beginOrder(2) })).toMatchObject({ ok: true });
    expect(await db.writer.query({ text: JOB, values: [payer.jobId] })).toMatchObject([{ waiting: null }]);
  });

  it('does not undo a budget that another writer gave it', async () => {
    const payer = { accountId, jobId: await jobOf(1) };
    const change = async (by: JobControlLedger, credits: string): Promise<unknown> =>
      by.changeBudget({ payer, changeKey: credits, asOf: T0, order: budgetOrder(creditsOf(credits)) });
    expect(await change(db.control, '15')).toMatchObject({ ok: true });
    expect(await change(new JobControlLedger(other), '18')).toMatchObject({ ok: true });
    const begun = await db.jobs.beginStep({ payer, asOf: T0, tryKey: 'a', order: beginOrder(2) });
    expect(begun).toMatchObject({ ok: true });
    const [job] = await db.writer.query({ text: JOB, values: [payer.jobId] });
    expect(job).toMatchObject({ max_credits: creditsOf('18') });
  });
});

const JOB = 'SELECT max_credits, waiting FROM ledger.jobs WHERE id = $1';
