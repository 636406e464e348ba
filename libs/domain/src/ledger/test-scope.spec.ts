// Goal: a test scope has 1,000 credits a calendar month, from nobody's grant and to nobody's cost, and is charged by
// the same rules as a live one. Method: worked months of one scope beside the live scope of the same account.
import { describe, expect, it } from '@jest/globals';
import { MemoryLedger } from '../../../../test/harness/memory-ledger.js';
import {
  admitOrder,
  beginOrder,
  botTerms,
  creditsOf,
  endOrder,
  USE_OF_0_6,
  wishFor,
} from '../../../../test/harness/orders.js';
import { formatCredits } from '../amounts/micro-credits.js';
import type { Instant } from '../time/instant.js';
import { instant, instantToText } from '../time/instant.js';
import { dueLot } from './due-lot.js';
import { accountScopeIn, environmentOf, testScope } from './environment.js';
import { accountScope, endUserScope } from './entry.js';

const SETTLING = { state: 'completed', reason: 'finished', minimumCharge: creditsOf('0.1') } as const;
const at = (text: string): Instant => instant(Date.parse(text));

function testLedger(): MemoryLedger {
  return new MemoryLedger('acc_1', testScope('acc_1'));
}

/** A job of one step that costs 0.6 and would cost us money if anybody were asked. */
function work(ledger: MemoryLedger, jobId: string, when: Instant): void {
  ledger.admit(when, admitOrder(jobId, { wish: wishFor({ maxCredits: creditsOf('2') }) }));
  ledger.begin(jobId, when, beginOrder(1));
  ledger.end(jobId, when, endOrder(1, 1, { meters: USE_OF_0_6 }));
  ledger.settle(jobId, when, SETTLING);
}

const monthsOf = (ledger: MemoryLedger): string[] =>
  [...ledger.snapshot.lots.values()].map(({ kind, validFrom, expiresAt, open }) =>
    [kind, instantToText(validFrom), instantToText(expiresAt ?? instant(0)), formatCredits(open)].join(' '),
  );

describe('the environment of a scope', () => {
  it('is test where test keys act and live everywhere else', () => {
    const scopes = [accountScope('acc_1'), endUserScope('bot_1', 'vis_1'), testScope('acc_1')];
    expect(scopes.map(environmentOf)).toEqual(['live', 'live', 'test']);
    expect(accountScopeIn('live', 'acc_1')).toBe(accountScope('acc_1'));
    expect(accountScopeIn('test', 'acc_1')).toBe(testScope('acc_1'));
  });
});

describe('the month of a test scope', () => {
  it.each([
    ['2028-02-29T12:00:00Z', '2028-02-01T00:00:00.000Z', '2028-03-01T00:00:00.000Z'],
    ['2027-12-31T23:59:59.999Z', '2027-12-01T00:00:00.000Z', '2028-01-01T00:00:00.000Z'],
    ['2028-01-01T00:00:00Z', '2028-01-01T00:00:00.000Z', '2028-02-01T00:00:00.000Z'],
  ])('at %s begins %s and ends %s', (asked, start, end) => {
    const lot = dueLot({ scopeId: testScope('acc_1'), day: null, at: at(asked) }, 1n);
    expect([lot?.validFrom, lot?.expiresAt]).toEqual([at(start), at(end)]);
  });

  it('is there for the first job without any grant, and the next one has 1,000 again whatever was left', () => {
    const ledger = testLedger();
    expect(ledger.availableAt(at('2027-01-10T00:00:00Z'))).toBe(creditsOf('1000'));
    work(ledger, 'job_1', at('2027-01-10T00:00:00Z'));
    work(ledger, 'job_2', at('2027-01-31T23:59:59.999Z'));
    expect(ledger.availableAt(at('2027-01-31T23:59:59.999Z'))).toBe(creditsOf('998.8'));
    expect(ledger.availableAt(at('2027-02-01T00:00:00Z'))).toBe(creditsOf('1000'));
    work(ledger, 'job_3', at('2027-02-01T00:00:00Z'));
    expect(monthsOf(ledger)).toEqual([
      'subscription 2027-01-01T00:00:00.000Z 2027-02-01T00:00:00.000Z 998.800000',
      'subscription 2027-02-01T00:00:00.000Z 2027-03-01T00:00:00.000Z 999.400000',
    ]);
    expect(ledger.entries.filter(({ from }) => from === 'issued:subscription')).toHaveLength(2);
  });

  it('is not opened a second time when it is used up, and says when the next one begins', () => {
    const ledger = testLedger();
    const when = at('2027-01-10T00:00:00Z');
    const all = { bot: botTerms(), wish: wishFor({ maxCredits: creditsOf('1000'), reserve: 'full' }) };
    expect(ledger.admit(when, admitOrder('job_1', all)).ok).toBe(true);
    const refused = ledger.admit(when, admitOrder('job_2'));
    expect(refused).toMatchObject({
      ok: false,
      refusal: { code: 'credits_exhausted', available: 0n, resetsAt: at('2027-02-01T00:00:00Z') },
    });
    expect(monthsOf(ledger)).toHaveLength(1);
  });

  it('begins the period in which limits of the test scope count anew', () => {
    const ledger = testLedger();
    const limit = { kind: 'spend', subject: '', period: 'billing_period', amount: creditsOf('1') } as const;
    ledger.setLimits(at('2027-01-10T00:00:00Z'), [limit]);
    const order = (id: string): ReturnType<typeof admitOrder> =>
      admitOrder(id, { wish: wishFor({ maxCredits: creditsOf('1') }), limitRefs: [{ kind: 'spend', subject: '' }] });
    const full = (id: string) => ({ ...order(id), wish: wishFor({ maxCredits: creditsOf('1'), reserve: 'full' }) });
    expect(ledger.admit(at('2027-01-10T00:00:00Z'), full('job_1')).ok).toBe(true);
    expect(ledger.admit(at('2027-01-20T00:00:00Z'), full('job_2'))).toMatchObject({
      refusal: { code: 'spend_limit_reached', resetsAt: at('2027-02-01T00:00:00Z') },
    });
    expect(ledger.admit(at('2027-02-01T00:00:00Z'), full('job_3')).ok).toBe(true);
  });

  it('is charged as a live lot is, and nothing is written of a real cost', () => {
    const [test, live] = [testLedger(), new MemoryLedger('acc_1')];
    const when = at('2027-01-10T00:00:00Z');
    live.setTerms(when, { zone: 'UTC', dailyAllowance: creditsOf('5') });
    for (const ledger of [test, live]) work(ledger, 'job_1', when);
    const figures = (ledger: MemoryLedger): unknown[] => [
      ledger.jobs.get('job_1')?.charge,
      ledger.attemptsOf('job_1', 1).map(({ meters }) => meters),
    ];
    expect(figures(test)).toEqual(figures(live));
    expect(live.attemptsOf('job_1', 1).map(({ realCost }) => realCost > 0n)).toEqual([true]);
    expect(test.attemptsOf('job_1', 1).map(({ realCost }) => realCost)).toEqual([0n]);
  });
});
