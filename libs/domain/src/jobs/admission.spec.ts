// Goal: a request is refused for its first reason in a fixed order, and what is admitted can begin its first step.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MemoryLedger } from '../../../../test/harness/memory-ledger.js';
import {
  admitOrder,
  after,
  beginOrder,
  botTerms,
  cardWith,
  creditsOf,
  grantOrder,
  HOUR,
  planFor,
  priceFor,
  T0,
  wishFor,
} from '../../../../test/harness/orders.js';
import type { MicroCredits } from '../amounts/micro-credits.js';
import { notEnough } from '../ledger/not-enough.js';
import type { Plan } from '../plans/plan.js';
import { instant } from '../time/instant.js';
import type { AdmissionSnapshot, AdmissionWish, BotTerms } from './admission.js';
import { decideAdmission } from './admission.js';
import { firstStage } from './moves.js';
import { PROMPT_FRAME_BYTES } from './prompt-frame.js';

interface Asked {
  readonly bot?: Partial<BotTerms> | null;
  readonly wish?: Partial<AdmissionWish>;
  readonly available?: string;
  readonly openJobs?: number;
  readonly byVisitor?: boolean;
  readonly visitorPlan?: Plan;
}

const snapshotOf = ({
  bot = {},
  wish = {},
  available = '100',
  openJobs = 0,
  byVisitor = false,
  visitorPlan,
}: Asked): AdmissionSnapshot => ({
  bot: bot === null ? null : botTerms(bot),
  wish: wishFor(wish),
  reach: {
    amount: creditsOf(available),
    refusalOf: (required) => notEnough(required, creditsOf(available)),
  },
  openJobs,
  byVisitor,
  visitorPlan,
  now: T0,
});
const decide = (asked: Asked): ReturnType<typeof decideAdmission> => decideAdmission(snapshotOf(asked));

// In the order in which they are looked at: each row breaks one thing more, from the last to the first.
const ORDER = [
  { code: 'credits_exhausted', breaks: { available: '0' } },
  { code: 'concurrency_limit', breaks: { openJobs: 20 } },
  { code: 'budget_too_small', breaks: { wish: { maxCredits: creditsOf('0.2') } } },
  { code: 'budget_below_minimum', breaks: { wish: { maxCredits: creditsOf('0.099999') } } },
  { code: 'budget_over_limit', breaks: { wish: { maxCredits: creditsOf('50.000001') } } },
  { code: 'deadline_over_limit', breaks: { wish: { deadline: after(T0, HOUR + 1) } } },
  { code: 'deadline_passed', breaks: { wish: { deadline: T0 } } },
  { code: 'artefact_not_in_plan', breaks: { wish: { extras: { zip: true } } } },
  { code: 'context_over_plan', breaks: { wish: { contextTokens: 32_001 } } },
  { code: 'iterations_over_plan', breaks: { wish: { maxIterations: 101 } } },
  { code: 'model_not_in_plan', breaks: { wish: { model: 'better' } } },
  { code: 'model_not_priced', breaks: { wish: { model: 'unpriced' } } },
  { code: 'bot_archived', breaks: { bot: { archived: true } } },
  { code: 'account_not_active', breaks: { bot: { accountStatus: 'suspended' } } },
  { code: 'bot_not_found', breaks: { bot: null } },
] as const;

/** A card with a better model, and a plan that says no to something of every kind. */
const NARROW = {
  rateCard: cardWith(priceFor(), priceFor({ model: 'better', tier: 'premium' })),
  plan: planFor({
    maxConcurrentJobs: 20,
    maxContextTokens: 32_000,
    maxCredits: creditsOf('50'),
    maxDeadlineMs: HOUR,
    models: { tiers: ['standard'], names: [] },
    artefacts: { allowed: false, maxFiles: 0, maxBytes: 0 },
  }),
};

describe('decideAdmission', () => {
  const merged = ORDER.map(({ code }, index) => {
    const broken: readonly Asked[] = ORDER.slice(0, index + 1).map(({ breaks }) => breaks);
    const bots = broken.map(({ bot }) => bot);
    const asked: Asked = {
      available: '0',
      ...(broken.some(({ openJobs }) => openJobs !== undefined) ? { openJobs: 20 } : {}),
      wish: Object.assign({}, ...broken.map(({ wish }) => wish)) as Partial<AdmissionWish>,
      bot: bots.includes(null) ? null : (Object.assign({}, NARROW, ...bots) as Partial<BotTerms>),
    };
    return { code, asked };
  });

  it.each(merged)('refuses with $code before any reason that comes later', ({ code, asked }) => {
    expect(decide(asked)).toMatchObject({ ok: false, refusal: { code } });
  });

  it('[A26] names the limit and the plan that more iterations would break, and takes the bot default within it', () => {
    expect(decide({ wish: { maxIterations: 101 } })).toMatchObject({ refusal: { limit: 100, plan: 'premium' } });
    expect(decide({ wish: { maxIterations: 100 } })).toMatchObject({ value: { maxIterations: 100 } });
    const small = { plan: planFor({ name: 'free', maxIterations: 5 }), defaultMaxIterations: 9 };
    expect(decide({ bot: small })).toMatchObject({ value: { maxIterations: 5 } });
  });

  it('lets a visitor in to a public bot alone, and whoever is of the account to both', () => {
    expect(decide({ byVisitor: true })).toMatchObject({ refusal: { code: 'bot_private' } });
    expect(decide({ byVisitor: true, bot: { visibility: 'public' } })).toMatchObject({ ok: true });
    expect(decide({ byVisitor: true, bot: { archived: true } })).toMatchObject({ refusal: { code: 'bot_archived' } });
    expect(decide({ byVisitor: false })).toMatchObject({ ok: true });
  });

  it('[A27] leaves a visitor who pays as many places as plan and own plan both have', () => {
    const one = planFor({ name: 'visitor', maxConcurrentJobs: 1 });
    expect(decide({ visitorPlan: one })).toMatchObject({ ok: true });
    expect(decide({ visitorPlan: one, openJobs: 1 })).toMatchObject({
      refusal: { code: 'concurrency_limit', limit: 1, open: 1, plan: 'visitor', limitedBy: 'visitor_plan' },
    });
    expect(decide({ bot: { plan: planFor({ maxConcurrentJobs: 1 }) }, visitorPlan: one, openJobs: 1 })).toMatchObject({
      refusal: { code: 'concurrency_limit', plan: 'premium', limitedBy: 'plan' },
    });
  });

  it('[E19] answers a visitor who names no model with the nearest that both plans have, if there is any', () => {
    const bot = { rateCard: NARROW.rateCard, defaultModel: 'better' };
    const standard = planFor({ name: 'visitor', models: { tiers: ['standard'], names: [] } });
    expect(decide({ bot })).toMatchObject({ value: { model: 'better' } });
    expect(decide({ bot, visitorPlan: planFor() })).toMatchObject({ value: { model: 'better' } });
    expect(decide({ bot, visitorPlan: standard })).toMatchObject({ value: { model: 'coder' } });
    expect(decide({ bot, visitorPlan: standard, wish: { model: 'better' } })).toMatchObject({
      refusal: { code: 'model_not_in_plan', limitedBy: 'visitor_plan' },
    });
    const none = planFor({ name: 'visitor', models: { tiers: [], names: [] } });
    expect(decide({ bot, visitorPlan: none })).toMatchObject({
      refusal: { code: 'model_not_in_plan', model: 'better', limitedBy: 'visitor_plan' },
    });
  });

  it('holds for what the bot is told as well, and for nothing where its agent is its own', () => {
    const guide = { snippets: { version: 1, bytes: 40_000, tokens: 10_000 } };
    const holdOf = (asked: Asked): bigint => {
      const decided = decide(asked);
      return decided.ok ? decided.value.firstHold : -1n;
    };
    expect(holdOf({ bot: { guide } })).toBeGreaterThan(holdOf({}));
    expect(holdOf({ bot: { guide }, wish: { mode: 'reported' } })).toBe(holdOf({ wish: { mode: 'reported' } }));
  });

  it.each(['active', 'past_due'] as const)('admits an account that is %s', (accountStatus) => {
    expect(decide({ bot: { accountStatus } })).toMatchObject({ ok: true });
  });

  it.each(['suspended', 'closed'] as const)('refuses an account that is %s', (accountStatus) => {
    expect(decide({ bot: { accountStatus } })).toMatchObject({ refusal: { code: 'account_not_active' } });
  });

  it('[W4] refuses 0.06 credits, although the raw cost of 0.03 would fit', () => {
    const cheap = priceFor({
      maxOutputTokens: 1,
      rates: { ...priceFor().rates, input: creditsOf('30'), cacheWrite: creditsOf('30') },
    });
    const bot = { rateCard: cardWith(cheap) };
    expect(decide({ bot, available: '0.06' })).toMatchObject({
      refusal: { code: 'credits_exhausted', required: 100_000n, available: 60_000n },
    });
    expect(decide({ bot, available: '0.1' })).toMatchObject({ value: { firstHold: 100_000n } });
  });

  it('[F4] holds the first step and not the budget: two jobs of 20 run beside each other on 25', () => {
    const ledger = new MemoryLedger('acc_1');
    ledger.grant(T0, grantOrder({ lotId: 'lot_1', amount: creditsOf('25') }));
    for (const jobId of ['job_1', 'job_2']) {
      expect(ledger.admit(T0, admitOrder(jobId, { wish: wishFor({ maxCredits: creditsOf('20') }) }))).toMatchObject({
        ok: true,
        value: { outcome: 'admitted' },
      });
    }
  });
});

describe('admit', () => {
  const rich = (amount = '100'): MemoryLedger => {
    const ledger = new MemoryLedger('acc_1');
    ledger.grant(T0, grantOrder({ lotId: 'lot_1', amount: creditsOf(amount) }));
    return ledger;
  };

  it('[F1] answers the job of the key to the same run again, and tells another run that the job is not its own', () => {
    const ledger = rich();
    const order = admitOrder('job_1');
    expect(ledger.admit(T0, order)).toMatchObject({ value: { outcome: 'admitted', jobId: 'job_1' } });
    const entries = ledger.entries.length;
    expect(ledger.admit(T0, { ...order, jobId: 'job_2' })).toMatchObject({
      value: { outcome: 'admitted', jobId: 'job_1' },
    });
    expect(ledger.admit(T0, { ...order, jobId: 'job_3', runId: 'run-2' })).toMatchObject({
      value: { outcome: 'job_of_another_run', jobId: 'job_1' },
    });
    expect([ledger.entries.length, ledger.jobs.size, ledger.snapshot.holds.size]).toEqual([entries, 1, 1]);
  });

  it('[edge 19] refuses another body under a known key', () => {
    const ledger = rich();
    const order = admitOrder('job_1');
    ledger.admit(T0, order);
    expect(ledger.admit(T0, { ...order, bodyHash: 'other' })).toMatchObject({
      refusal: { code: 'idempotency_mismatch' },
    });
  });

  it('holds nothing once the patience of the caller is over, but still answers a job that was admitted in time', () => {
    const ledger = rich();
    const order = admitOrder('job_1', { admitBefore: T0 });
    expect(ledger.admit(after(T0, 1), order)).toMatchObject({ refusal: { code: 'admission_expired' } });
    expect([ledger.jobs.size, ledger.snapshot.holds.size]).toEqual([0, 0]);
    expect(ledger.admit(T0, order)).toMatchObject({ ok: true });
    expect(ledger.admit(after(T0, 1), order)).toMatchObject({ value: { jobId: 'job_1' } });
  });

  it('[F3] job.no-provider-call-without-hold: what is admitted can begin its first step on what is left', () => {
    const credits = fc.bigInt(0n, 30_000_000n).map((value) => value as MicroCredits);
    const wish = fc.record({ maxCredits: fc.option(credits, { nil: null }), promptBytes: fc.nat(20_000) });
    fc.assert(
      fc.property(credits, wish, fc.constantFrom('chat' as const, 'coding' as const), (available, wanted, type) => {
        const ledger = new MemoryLedger('acc_1');
        if (available > 0n) ledger.grant(T0, grantOrder({ lotId: 'lot_1', amount: available }));
        const admitted = ledger.admit(T0, admitOrder('job_1', { bot: botTerms({ type }), wish: wishFor(wanted) }));
        if (!admitted.ok) {
          expect(ledger.snapshot.holds.size).toBe(0);
          return;
        }
        const inputBytes = wanted.promptBytes + PROMPT_FRAME_BYTES[botTerms({ type }).program];
        expect(
          ledger.begin('job_1', T0, beginOrder(1, { stage: firstStage(botTerms({ type }).program), inputBytes })),
        ).toMatchObject({
          ok: true,
        });
      }),
    );
  });

  it('names in a refusal just what would have been enough', () => {
    const refused = rich('0.2').admit(T0, admitOrder('job_1'));
    if (refused.ok || refused.refusal.code !== 'credits_exhausted') throw new Error('not refused for credits');
    const enough = new MemoryLedger('acc_1');
    enough.grant(instant(0), grantOrder({ lotId: 'lot_1', amount: refused.refusal.required }));
    expect(enough.admit(T0, admitOrder('job_1'))).toMatchObject({ ok: true });
  });
});
