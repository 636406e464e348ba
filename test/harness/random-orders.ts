// Test harness. Random orders of three jobs that share one account: what properties of the domain and of the tables are
// played with. Most find something to do, some are refused, and all of them are ones that a worker could give.
import type { MicroCredits } from '@fairmeter/domain';
import { FUNDINGS, LOT_KINDS, OWNER } from '@fairmeter/domain';
import fc from 'fast-check';

const jobId = fc.constantFrom('job_1', 'job_2', 'job_3');
const ordinal = fc.integer({ min: 1, max: 3 });
const ordinals = fc.subarray([1, 2, 3], { minLength: 1 });
const attempt = fc.integer({ min: 1, max: 4 });
const tokens = fc.record({
  input: fc.nat(4_000),
  cachedInput: fc.nat(500),
  output: fc.nat(12_000),
  reasoning: fc.nat(50),
});
const amount = (most: bigint, least = 1n): fc.Arbitrary<MicroCredits> =>
  fc.bigInt(least, most).map((value) => value as MicroCredits);
const wait = fc.nat(50);
const lives = fc.option(fc.integer({ min: 1, max: 200 }), { nil: null });

export const anyOrder = fc.oneof(
  fc.record({ verb: fc.constant('grant' as const), wait, amount: amount(9_000_000n), lives }),
  fc.record({ verb: fc.constant('admit' as const), wait, jobId, budget: amount(12_000_000n, 100_000n) }),
  fc.record({ verb: fc.constant('begin' as const), wait, jobId, ordinal, inputBytes: fc.nat(3_000) }),
  fc.record({ verb: fc.constant('end' as const), wait, jobId, ordinal, attempt, tokens }),
  fc.record({ verb: fc.constant('fail' as const), wait, jobId, ordinal, attempt }),
  fc.record({ verb: fc.constant('settle' as const), wait, jobId }),
);
export type RandomOrder = typeof anyOrder extends fc.Arbitrary<infer O> ? O : never;

/** A rich account and two jobs at work, so that the first random orders find something to do. */
export const OPENING: readonly RandomOrder[] = [
  { verb: 'grant', wait: 0, amount: 30_000_000n as MicroCredits, lives: null },
  ...(['job_1', 'job_2'] as const).flatMap((id): RandomOrder[] => [
    { verb: 'admit', wait: 0, jobId: id, budget: 6_000_000n as MicroCredits },
    { verb: 'begin', wait: 0, jobId: id, ordinal: 1, inputBytes: 400 },
  ]),
];

/** Limits that a hold may ride on, whether one of that name is set or not. */
const limitRef = fc.record({
  kind: fc.constantFrom('spend', 'member', 'campaign', 'free_reserve'),
  subject: fc.constantFrom('one', 'two'),
});
/** Some have a limit only where everybody of their kind has one. */
const limitRefOrUsual = fc
  .tuple(limitRef, fc.boolean())
  .map(([ref, hasUsual]) => ({ ...ref, ...(hasUsual ? { usual: 'all' } : {}) }));
const limitRefs = fc.uniqueArray(limitRefOrUsual, { maxLength: 6, selector: (ref) => `${ref.kind}|${ref.subject}` });
const limitChange = fc
  .tuple(
    fc.oneof(
      { weight: 2, arbitrary: limitRef },
      { weight: 1, arbitrary: limitRef.map((ref) => ({ ...ref, subject: 'all' })) },
    ),
    fc.constantFrom('day', 'day', 'billing_period', 'total'),
    fc.oneof(
      { weight: 3, arbitrary: amount(9_000_000n) },
      { weight: 2, arbitrary: amount(900_000n) },
      { weight: 1, arbitrary: fc.constant(null) },
    ),
  )
  .map(([ref, period, most]) => ({ ...ref, period, amount: most }));
/** Now and then hours: a day ends, an old lot does too. */
const longWait = fc.oneof({ weight: 15, arbitrary: fc.nat(50) }, { weight: 1, arbitrary: fc.nat(100_000_000) });
const payer = fc.oneof(
  { weight: 2, arbitrary: fc.constant(OWNER) },
  { weight: 1, arbitrary: fc.record({ funding: fc.constantFrom(...FUNDINGS), publicMayUseBonus: fc.boolean() }) },
);
const grantKind = fc.oneof(fc.constantFrom('subscription', 'bundle', 'daily'), fc.constantFrom(...LOT_KINDS));

interface Pick {
  readonly line: number;
  readonly quarters: bigint;
}
/** The same again and again, so that repetitions come by themselves. */
const once = (pick: Pick): fc.Arbitrary<Pick[]> => fc.constant([pick]);
const anyPick: fc.Arbitrary<Pick> = fc.record({
  line: fc.constantFrom(0, 0, 1, 2),
  quarters: fc.constantFrom(1n, 1n, 2n, 5n),
});

/** What becomes of lots of periods; each is picked among those there are. */
const periodOrder = fc.oneof(
  fc.record({
    verb: fc.constant('grow-lot' as const),
    wait,
    pick: fc.nat(6),
    amount: amount(3_000_000n),
    /** A second growth under one is a repetition, or another order under its name. */
    growth: fc.constantFrom(1, 2, 3, 4),
  }),
  fc.record({ verb: fc.constant('end-lot' as const), wait, pick: fc.nat(6) }),
  fc.record({ verb: fc.constant('take-lot-back' as const), wait, pick: fc.nat(6) }),
);
export type PeriodOrder = typeof periodOrder extends fc.Arbitrary<infer O> ? O : never;

const termsOrder = fc.record({
  verb: fc.constant('terms' as const),
  wait: longWait,
  zone: fc.constantFrom(undefined, 'UTC', 'Asia/Kathmandu', 'America/Havana', 'Pacific/Kiritimati', 'no zone'),
  dailyAllowance: fc.option(amount(6_000_000n, -1n), { nil: undefined }),
});

/** The orders of jobs and lots, some after hours, among changes of the terms: days come, grow, move and pass by. */
export const anyOrderOverDays = fc.oneof(
  { weight: 4, arbitrary: anyOrder },
  { weight: 2, arbitrary: fc.tuple(anyOrder, fc.nat(150_000_000)).map(([order, wait]) => ({ ...order, wait })) },
  { weight: 2, arbitrary: termsOrder },
  { weight: 2, arbitrary: periodOrder },
);
export type OrderOverDays = typeof anyOrderOverDays extends fc.Arbitrary<infer O> ? O : never;

/** What jobs and lots of one scope are asked for, with who pays and under which limits. */
export const anyLedgerOrder = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      verb: fc.constant('grant' as const),
      wait,
      kind: grantKind,
      amount: amount(6_000_000n),
      lives: fc.oneof(lives, fc.constant(9_000_000)),
      /** Now and then a lot is posted ahead of its time. */
      ahead: fc.constantFrom(0, 0, 0, 20),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      verb: fc.constant('admit' as const),
      wait,
      jobId,
      budget: amount(12_000_000n, 100_000n),
      payer,
      limitRefs,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      verb: fc.constant('begin' as const),
      wait,
      jobId,
      ordinal,
      inputBytes: fc.oneof(fc.nat(3_000), fc.nat(20_000)),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ verb: fc.constant('end' as const), wait, jobId, ordinal, attempt, tokens }),
  },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('fail' as const), wait, jobId, ordinal, attempt }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('settle' as const), wait, jobId }) },
  {
    weight: 3,
    arbitrary: fc.record({ verb: fc.constant('pause' as const), wait, jobId, ordinal, required: amount(20_000_000n) }),
  },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('stop' as const), wait, jobId, ordinal, attempt, tokens }) },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('budget' as const), wait, jobId, most: amount(30_000_000n) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      verb: fc.constant('refund' as const),
      wait,
      jobId,
      /** A line of the job's hold, and how many quarters of what it captured: five are too many. */
      picks: fc.oneof(once({ line: 0, quarters: 1n }), fc.array(anyPick, { minLength: 1, maxLength: 2 })),
      form: fc.constantFrom('origin_while_live' as const, 'origin_while_live' as const, 'compensation' as const),
      /** The lane's reference: a second refund under one is a repetition. */
      reference: fc.constantFrom(1, 1, 1, 2),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      verb: fc.constant('refund-steps' as const),
      wait,
      jobId,
      /** Mostly the same, so that repetitions come by themselves. */
      ordinals: fc.oneof({ weight: 2, arbitrary: fc.constant([1]) }, { weight: 1, arbitrary: ordinals }),
      form: fc.constantFrom('origin_while_live' as const, 'origin_while_live' as const, 'compensation' as const),
      reference: fc.constantFrom(1, 1, 1, 2),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      verb: fc.constant('note' as const),
      wait,
      jobId,
      ordinals,
      number: fc.constantFrom(1, 1, 2),
      remedy: fc.constantFrom('refund', 'refund', 'refund', 'offer_review', 'open_review', 'record'),
    }),
  },
  { weight: 2, arbitrary: termsOrder },
  {
    weight: 4,
    arbitrary: fc.record({
      verb: fc.constant('limits' as const),
      wait: longWait,
      limits: fc.array(limitChange, { maxLength: 4 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ verb: fc.constant('expire' as const), wait: fc.oneof(fc.constant(0), wait) }),
  },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('claw-back' as const), wait, pick: fc.nat(12) }) },
  { weight: 4, arbitrary: periodOrder },
);
export type LedgerOrder = typeof anyLedgerOrder extends fc.Arbitrary<infer O> ? O : never;

const SPEND = { kind: 'spend', subject: 'one' } as const;
const CAMPAIGN = { kind: 'campaign', subject: 'one' } as const;

/** A rich scope whose first lot ends soon, with two jobs at work, of which one has captured and can be refunded. */
export const LEDGER_OPENING: readonly LedgerOrder[] = [
  { verb: 'terms', wait: 0, zone: 'Asia/Kathmandu', dailyAllowance: 3_000_000n as MicroCredits },
  {
    verb: 'limits',
    wait: 0,
    limits: [
      { ...SPEND, period: 'day', amount: 7_000_000n as MicroCredits },
      { ...CAMPAIGN, period: 'total', amount: 6_000_000n as MicroCredits },
    ],
  },
  { verb: 'grant', wait: 0, kind: 'daily', amount: 2_000_000n as MicroCredits, lives: 90, ahead: 0 },
  { verb: 'grant', wait: 0, kind: 'subscription', amount: 3_000_000n as MicroCredits, lives: 9_000_000, ahead: 0 },
  { verb: 'grant', wait: 0, kind: 'bundle', amount: 3_000_000n as MicroCredits, lives: null, ahead: 0 },
  ...(['job_1', 'job_2'] as const).flatMap((id): LedgerOrder[] => [
    {
      verb: 'admit',
      wait: 0,
      jobId: id,
      budget: 9_000_000n as MicroCredits,
      payer: OWNER,
      limitRefs: [SPEND, CAMPAIGN],
    },
    { verb: 'begin', wait: 0, jobId: id, ordinal: 1, inputBytes: 400 },
  ]),
  {
    verb: 'end',
    wait: 1,
    jobId: 'job_1',
    ordinal: 1,
    attempt: 1,
    tokens: { input: 900, cachedInput: 0, output: 2_000, reasoning: 0 },
  },
];
