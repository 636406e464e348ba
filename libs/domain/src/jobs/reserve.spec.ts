// Goal: a job that reserves in full has its whole budget from the start and keeps what is left of it; others hold a
// step at a time. Method: jobs played on the ledger in memory.
import { describe, expect, it } from '@jest/globals';
import { MemoryLedger } from '../../../../test/harness/memory-ledger.js';
import {
  admitOrder,
  after,
  beginOrder,
  botTerms,
  creditsOf,
  endOrder,
  grantOrder,
  planFor,
  T0,
  wishFor,
} from '../../../../test/harness/orders.js';
import type { Reserve } from './reserve.js';

function ledgerWith(credits: string): MemoryLedger {
  const ledger = new MemoryLedger('acc_1');
  ledger.grant(T0, grantOrder({ lotId: 'lot_1', amount: creditsOf(credits) }));
  return ledger;
}

const asking = (reserve: Reserve, maxCredits: string): ReturnType<typeof wishFor> =>
  wishFor({ reserve, maxCredits: creditsOf(maxCredits) });
const heldBy = (ledger: MemoryLedger, jobId: string): bigint | undefined => ledger.jobs.get(jobId)?.held;

describe('reserve: full', () => {
  it('[F4] holds the whole budget from the start, where rolling holds one step', () => {
    const ledger = ledgerWith('25');
    ledger.admit(T0, admitOrder('job_1', { wish: asking('rolling', '20') }));
    expect(heldBy(ledger, 'job_1')).toBeLessThan(creditsOf('5'));
    expect(ledger.admit(T0, admitOrder('job_2', { wish: asking('full', '20') }))).toMatchObject({ ok: true });
    expect(heldBy(ledger, 'job_2')).toBe(creditsOf('20'));
    expect(ledger.admit(T0, admitOrder('job_3', { wish: asking('full', '20') }))).toMatchObject({
      refusal: { code: 'credits_exhausted', required: creditsOf('20') },
    });
  });

  it('[F4] holds what is left of the budget afresh at each step', () => {
    const ledger = ledgerWith('25');
    ledger.admit(T0, admitOrder('job_1', { wish: asking('full', '20') }));
    ledger.begin('job_1', T0, beginOrder(1));
    expect(heldBy(ledger, 'job_1')).toBe(creditsOf('20'));
    ledger.end('job_1', T0, endOrder(1, 1));
    expect(heldBy(ledger, 'job_1')).toBe(creditsOf('19.4'));
    ledger.begin('job_1', T0, beginOrder(2, { stage: 'generate' }));
    expect(heldBy(ledger, 'job_1')).toBe(creditsOf('19.4'));
  });

  it('goes on with as much as live lots reach once a part of what it held has ended', () => {
    const ledger = new MemoryLedger('acc_1');
    const ends = after(T0, 1_000);
    ledger.grant(T0, grantOrder({ lotId: 'lot_1', amount: creditsOf('15'), expiresAt: ends }));
    ledger.grant(T0, grantOrder({ lotId: 'lot_2', kind: 'bonus_promo', amount: creditsOf('8') }));
    ledger.admit(T0, admitOrder('job_1', { wish: asking('full', '20') }));
    expect(ledger.begin('job_1', ends, beginOrder(1))).toMatchObject({ ok: true });
    expect(heldBy(ledger, 'job_1')).toBe(creditsOf('8'));
  });
});

describe('open jobs', () => {
  it('[A27] are counted until they end, and one that waits for its steps is open', () => {
    const ledger = ledgerWith('1000');
    const bot = botTerms({ plan: planFor({ name: 'free', maxConcurrentJobs: 1 }) });
    expect(ledger.admit(T0, admitOrder('job_1', { bot }))).toMatchObject({ ok: true });
    const refused = { refusal: { code: 'concurrency_limit', limit: 1, open: 1, plan: 'free' } };
    expect(ledger.admit(T0, admitOrder('job_2', { bot }))).toMatchObject(refused);
    ledger.jobs.set('job_1', { ...jobOf(ledger, 'job_1'), state: 'waiting_credits' });
    expect(ledger.admit(T0, admitOrder('job_2', { bot }))).toMatchObject(refused);
    ledger.settle('job_1', T0, { state: 'completed', reason: 'finished', minimumCharge: creditsOf('0.1') });
    expect(ledger.admit(T0, admitOrder('job_2', { bot }))).toMatchObject({ ok: true });
  });
});

function jobOf(ledger: MemoryLedger, jobId: string): NonNullable<ReturnType<MemoryLedger['jobs']['get']>> {
  const job = ledger.jobs.get(jobId);
  if (job === undefined) throw new Error(`there is no job ${jobId}`);
  return job;
}
