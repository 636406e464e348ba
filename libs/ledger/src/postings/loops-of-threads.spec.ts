// Goal: what a loop returns in settled jobs of its thread is one operation with what it returns in its own: all of it
// or nothing, each step once, and never anything of another scope or of a job that still runs.
import { describe, expect, it } from '@jest/globals';
import type { LoopFinding, StepRef } from '@fairmeter/domain';
import { accountScope, DEFAULT_REFUND_CAP, ZERO } from '@fairmeter/domain';
import type { LedgerDatabase } from '../../../../test/harness/ledger-database.js';
import { botTerms, byTokens, priceFor, T0, USE_OF_0_6 } from '../../../../test/harness/orders.js';
import { eachOnItsOwnAccount } from '../../../../test/harness/own-account.js';
import { playJob } from '../../../../test/harness/played-jobs.js';
import { LedgerStore } from '../store/ledger-store.js';
import { JobLedger } from './job-ledger.js';

let db: LedgerDatabase;
let accountId: string;

eachOnItsOwnAccount('100', (own) => {
  ({ db, accountId } = own);
});

/** Three steps of 0.6 credits. */
async function jobOf(of = accountId, settles = true): Promise<string> {
  const step = { stage: 'plan', kind: 'model_call', price: byTokens(priceFor()), used: USE_OF_0_6 } as const;
  const job = await playJob(db.jobs, { bot: botTerms({ accountId: of }), steps: [step, step, step], settles });
  if (job === null) throw new Error('the job was not admitted');
  return job.jobId;
}

async function note(jobId: string, repeats: readonly StepRef[], { jobs = db.jobs, cap = DEFAULT_REFUND_CAP } = {}) {
  const foundAt = { jobId, ordinal: 3 };
  const finding: LoopFinding = {
    signal: 'equal_errors',
    foundAt,
    stream: null,
    steps: [...repeats, foundAt],
    firstHonestStep: foundAt,
    threshold: 3,
    period: null,
    subject: null,
    fingerprint: null,
    cause: 'platform_fault',
    confidence: 'high',
    remedy: 'refund',
    payers: [accountScope(accountId)],
    repeats,
    refundableSteps: repeats,
  };
  const noted = await jobs.noteLoop({ accountId, jobId }, { number: 1, finding, cap, asOf: T0 });
  return noted.ok ? [noted.value.result.action, noted.value.result.amount] : [noted.refusal.code];
}

async function refundedOf(...jobIds: readonly string[]): Promise<readonly string[]> {
  const rows = await db.writer.query<{ id: string; refunded: string }>({
    text: 'SELECT id, refunded::text FROM ledger.jobs WHERE id = ANY ($1)',
    values: [jobIds],
  });
  return jobIds.map((id) => rows.find((row) => row.id === id)?.refunded ?? 'none');
}

const stepsOf = (jobId: string, ...ordinals: readonly number[]): StepRef[] =>
  ordinals.map((ordinal) => ({ jobId, ordinal }));

describe('a loop over the jobs of a thread', () => {
  it('[edge 56] gives back in settled jobs too, once, however often it is noted', async () => {
    const [first, second] = [await jobOf(), await jobOf()];
    const repeats = [...stepsOf(first, 2, 3), ...stepsOf(second, 1)];
    expect(await note(second, repeats)).toEqual(['refunded', '1.800000']);
    expect(await note(second, repeats)).toEqual(['refunded', '1.800000']);
    expect(await refundedOf(first, second)).toEqual(['1200000', '600000']);
  });

  it('[F14] gives no step back twice where two loops name it, whichever process notes them', async () => {
    const [first, second, third] = [await jobOf(), await jobOf(), await jobOf()];
    const other = new JobLedger(new LedgerStore(db.writer));
    const answers = await Promise.all([
      note(second, stepsOf(first, 1, 2)),
      note(third, stepsOf(first, 2, 3), { jobs: other }),
    ]);
    expect(answers.map(([, amount]) => amount).sort()).toEqual(['0.600000', '1.200000']);
    expect(await refundedOf(first)).toEqual(['1800000']);
  });

  it('goes to review as a whole where it would pass the cap', async () => {
    const [first, second] = [await jobOf(), await jobOf()];
    const cap = { percentOfCharges: 20n, atLeast: ZERO };
    expect(await note(second, [...stepsOf(first, 1), ...stepsOf(second, 1)], { cap })).toEqual(['review', '0.000000']);
    expect(await refundedOf(first, second)).toEqual(['0', '0']);
  });

  it('touches no job of another scope, and none that still runs', async () => {
    const [stranger, running, own] = [
      await jobOf(await db.account('100')),
      await jobOf(accountId, false),
      await jobOf(),
    ];
    const repeats = [...stepsOf(stranger, 1), ...stepsOf(running, 1), ...stepsOf(own, 1)];
    expect(await note(own, repeats)).toEqual(['refunded', '0.600000']);
    expect(await refundedOf(stranger, running, own)).toEqual(['0', '0', '600000']);
  });
});
