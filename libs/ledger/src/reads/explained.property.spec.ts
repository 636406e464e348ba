// Goal: any charge can be made anew from stored meters and the pinned card. Method: random jobs of every kind of step
// are posted to a real Postgres, with faults, tight budgets, empty lots and refunds; each is explained while it runs,
// when it has ended and after its refund. Then rows are changed behind the ledger's back, and it must tell where.
import { describe, expect, it } from '@jest/globals';
import type { CostExplanation, Meters, MicroCredits, RateCard, StepPrice } from '@fairmeter/domain';
import { explainCost, measureJob, microCredits } from '@fairmeter/domain';
import { withClient } from '@fairmeter/platform/database';
import fc from 'fast-check';
import type { LedgerDatabase } from '../../../../test/harness/ledger-database.js';
import {
  botTerms,
  byTokens,
  cardWith,
  creditsOf,
  priceFor,
  T0,
  unitPriceFor,
  use,
} from '../../../../test/harness/orders.js';
import { allOnOneLedger } from '../../../../test/harness/own-account.js';
import type { Played, PlayedStep } from '../../../../test/harness/played-jobs.js';
import { playJob } from '../../../../test/harness/played-jobs.js';
import { readJobToExplain } from './job-cost.reads.js';
import { readMeasuredJob } from './measured.reads.js';

const CODER = priceFor();
/** Rates that leave a rest at almost every count. */
const ODD = priceFor({
  model: 'odd',
  rates: {
    input: creditsOf('0.333333'),
    cachedInput: creditsOf('0.000007'),
    cacheWrite: creditsOf('1.7'),
    output: creditsOf('777.777777'),
    reasoning: creditsOf('0.000001'),
  },
});
const CHECK = unitPriceFor();
const FREE = unitPriceFor({
  item: 'packaging',
  kind: 'packaging',
  rates: { perCall: creditsOf('0'), perSecond: creditsOf('0'), perMillionBytes: creditsOf('0') },
});
const CARD: RateCard = { ...cardWith(CODER, ODD), units: [CHECK, FREE] };
const BESIDE = { card: CARD, outputFiles: 0, askedBefore: 0, saidCauses: new Map() };
const byUnits = (price: typeof CHECK): StepPrice => ({ pricedBy: 'units', price });

const count = (max: number): fc.Arbitrary<number> => fc.oneof(fc.constant(0), fc.nat(max));
const meters: fc.Arbitrary<Meters> = fc
  .record({
    input: count(3_000),
    cachedInput: count(3_000),
    cacheWrite: count(500),
    output: count(9_000),
    reasoning: count(900),
    calls: fc.integer({ min: 0, max: 3 }),
    milliseconds: count(30_000),
    bytes: count(4_000_000),
  })
  .map(use);
const shape: fc.Arbitrary<Pick<PlayedStep, 'stage' | 'kind' | 'price'>> = fc.constantFrom(
  { stage: 'generate', kind: 'model_call', price: byTokens(CODER) },
  { stage: 'clarify', kind: 'clarification', price: byTokens(ODD) },
  { stage: 'check', kind: 'tool_call', price: byUnits(CHECK) },
  { stage: 'preview', kind: 'preview_build', price: byUnits(CHECK) },
  { stage: 'package', kind: 'packaging', price: byUnits(FREE) },
);
const step: fc.Arbitrary<PlayedStep> = fc
  .tuple(
    shape,
    fc.record({
      iteration: fc.integer({ min: 1, max: 3 }),
      failed: fc.array(meters, { maxLength: 2 }),
      overtaken: fc.boolean(),
      used: fc.option(meters, { nil: null, freq: 8 }),
      chargeClass: fc.constantFrom('billable', 'billable', 'billable', 'platform_fault'),
    }),
  )
  .map(([what, how]): PlayedStep => ({ ...what, ...how }));
const amount = (least: bigint, most: bigint): fc.Arbitrary<MicroCredits> => fc.bigInt(least, most).map(microCredits);
const story = fc.record({
  lots: fc.array(amount(50_000n, 9_000_000n), { minLength: 1, maxLength: 3 }),
  maxCredits: amount(100_000n, 12_000_000n),
  steps: fc.array(step, { maxLength: 6 }),
  settles: fc.boolean(),
  refundQuarters: fc.bigInt(0n, 4n),
});

type Story = typeof story extends fc.Arbitrary<infer S> ? S : never;
const ORDINARY: Story = {
  lots: [creditsOf('9')],
  maxCredits: creditsOf('9'),
  steps: [],
  settles: true,
  refundQuarters: 0n,
};
const written = (output: number): PlayedStep => {
  return { stage: 'generate', kind: 'model_call', price: byTokens(CODER), used: use({ output }) };
};
/** One that is written off in part, a tiny one, one that is refunded, one that is free. */
const MET_IN_EVERY_RUN: readonly Story[] = [
  { ...ORDINARY, maxCredits: creditsOf('1'), steps: [written(8_000)] },
  { ...ORDINARY, steps: [written(3)] },
  { ...ORDINARY, steps: [written(700), written(900)], refundQuarters: 3n },
  { ...ORDINARY, steps: [{ ...written(10), chargeClass: 'platform_fault' }] },
];

describe('the charge of a job, made anew', () => {
  let db: LedgerDatabase;
  allOnOneLedger((opened) => {
    db = opened;
  });

  async function open(lots: readonly MicroCredits[]): Promise<string> {
    const accountId = await db.account('0.05');
    for (const [index, lot] of lots.entries()) {
      const order = { kind: 'bundle', amount: lot, validFrom: T0, expiresAt: null, sourceRef: `lot-${index}` } as const;
      await db.grants.grantToAccount(accountId, T0, order);
    }
    return accountId;
  }

  async function explain({ jobId }: Played): Promise<CostExplanation> {
    return db.entities.manager.transaction('REPEATABLE READ', async (tx) => {
      const view = await readJobToExplain(tx, jobId);
      if (view === null) throw new Error(`no job ${jobId}`);
      const measured = await readMeasuredJob(tx, jobId);
      // Tips go by the same figures, whichever way the job is read.
      expect(measured && measureJob(measured, BESIDE)).toEqual(measureJob(view.cost, BESIDE));
      return explainCost(view.cost, CARD, view.leftOnHold);
    });
  }

  async function refund(job: Played, quarters: bigint): Promise<void> {
    const view = await readJobToExplain(db.entities.manager, job.jobId);
    const shares = view?.cost.steps.flatMap(({ paidFrom }) => paidFrom) ?? [];
    const [share] = shares;
    if (share === undefined) return;
    const part = microCredits((share.amount * quarters) / 4n);
    if (part === 0n) return;
    const parts = [{ lotId: share.lotId, amount: part }];
    const wish = { asOf: T0, parts, form: 'origin_while_live', stepOrdinal: 1 } as const;
    expect(await db.jobs.refund(job, 'finding/1', wish)).toMatchObject({ ok: true });
  }

  it('[C28] is what the ledger took, to the micro-credit, whatever the job met', async () => {
    const seen = { writtenOff: 0, minimum: 0, refunded: 0, free: 0 };
    await fc.assert(
      fc.asyncProperty(story, async ({ lots, maxCredits, steps, settles, refundQuarters }) => {
        const bot = botTerms({ accountId: await open(lots), rateCard: CARD, defaultModel: 'coder' });
        const job = await playJob(db.jobs, { bot, maxCredits, steps, settles });
        if (job === null) return;
        expect(await explain(job)).toMatchObject({ matches: true, differences: [] });
        if (settles) await refund(job, refundQuarters);
        const explained = await explain(job);
        expect(explained).toMatchObject({ matches: true, differences: [] });
        expect(explained.recomputed).toBe(explained.charge);
        expect(explained.captured).toBe(explained.charge);
        if (explained.steps.some(({ writtenOff }) => writtenOff > 0n)) seen.writtenOff += 1;
        if (explained.minimum.charged > 0n) seen.minimum += 1;
        if (explained.refunded > 0n) seen.refunded += 1;
        if (explained.steps.length > 0 && explained.charge === 0n) seen.free += 1;
      }),
      { numRuns: 60, examples: MET_IN_EVERY_RUN.map((met): [Story] => [met]) },
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(0);
  }, 60_000);

  it('[edge 21] [C7] says why less was charged than used, and adds the minimum as a line of its own', async () => {
    const dear = {
      stage: 'generate',
      kind: 'model_call',
      price: byTokens(CODER),
      used: use({ output: 8_192 }),
    } as const;
    const bot = botTerms({ accountId: await open([creditsOf('5')]), rateCard: CARD });
    const bound = await playJob(db.jobs, { bot, maxCredits: creditsOf('2'), steps: [dear] });
    const cheap = { ...dear, used: use({ output: 20 }) };
    const small = await playJob(db.jobs, { bot, steps: [cheap] });
    if (bound === null || small === null) throw new Error('not admitted');
    expect((await explain(bound)).steps[0]).toMatchObject({
      priced: creditsOf('12.288'),
      charge: creditsOf('2'),
      writtenOff: creditsOf('10.288'),
      boundBy: 'budget',
      matches: true,
    });
    expect(await explain(small)).toMatchObject({
      matches: true,
      stepsSum: creditsOf('0.03'),
      minimum: { recomputed: creditsOf('0.07'), charged: creditsOf('0.07') },
      charge: creditsOf('0.1'),
    });
  });

  const TAMPERED: readonly [string, string, number | null][] = [
    ['UPDATE ledger.attempts SET output_tokens = output_tokens + 1', 'charge_differs_from_meters', 2],
    ['UPDATE ledger.attempts SET milliseconds = milliseconds + 1000', 'charge_differs_from_meters', 3],
    ['UPDATE ledger.attempts SET charge_class = $$platform_fault$$', 'charged_without_billable_attempt', 2],
    ['UPDATE ledger.steps SET charge = charge + 1', 'charge_differs_from_meters', 2],
    ['UPDATE ledger.steps SET charge = charge - 5, written_off = 5', 'captured_differs_from_charge', 2],
    ['UPDATE ledger.steps SET written_off = 7', 'borne_differs_from_write_off', 3],
    ['UPDATE ledger.steps SET model = $$gone$$', 'price_not_on_card', 2],
    ['UPDATE ledger.entries SET amount = amount + 1', 'captured_differs_from_charge', 2],
  ];

  it.each(TAMPERED)('[C28] after %s it says %s at its step', async (change, code, ordinal) => {
    const bot = botTerms({ accountId: await open([creditsOf('50')]), rateCard: CARD });
    const model = {
      stage: 'generate',
      kind: 'model_call',
      price: byTokens(CODER),
      used: use({ output: 200 }),
    } as const;
    const tool = { stage: 'check', kind: 'tool_call', price: byUnits(CHECK), used: use({ calls: 1 }) } as const;
    const job = await playJob(db.jobs, { bot, steps: [model, model, tool] });
    if (job === null) throw new Error('not admitted');
    expect((await explain(job)).matches).toBe(true);
    const column = change.includes('ledger.entries') ? 'step_ordinal' : 'ordinal';
    const what = change.includes('ledger.entries') ? `AND to_account = 'consumed:account/${job.accountId}'` : '';
    await withClient(db.database.adminUrl, async (superuser) => {
      // Only who may stand above the triggers and the grants can change these rows at all.
      await superuser.query('SET session_replication_role = replica');
      const changed = await superuser.query(`${change} WHERE job_id = $1 AND ${column} = $2 ${what}`, [
        job.jobId,
        ordinal,
      ]);
      expect(changed.rowCount).toBe(1);
    });
    const explained = await explain(job);
    expect(explained.matches).toBe(false);
    expect(explained.differences.map(({ step: at, code: told }) => [at, told])).toContainEqual([ordinal, code]);
    expect(explained.steps.map(({ matches }) => matches)).toEqual([1, 2, 3].map((each) => each !== ordinal));
  });

  it('[edge 46] is nothing, without a minimum, where every attempt failed by the platform', async () => {
    const bot = botTerms({ accountId: await open([creditsOf('5')]), rateCard: CARD });
    const failing = use({ input: 900, output: 50 });
    const crash = { chargeClass: 'platform_fault', failed: [failing, failing], used: failing } as const;
    const steps = [{ stage: 'generate', kind: 'model_call', price: byTokens(CODER), ...crash }] as const;
    const job = await playJob(db.jobs, { bot, steps });
    if (job === null) throw new Error('not admitted');
    const nothing = { matches: true, charge: 0n, captured: 0n, minimum: { recomputed: 0n, charged: 0n } };
    expect(await explain(job)).toMatchObject(nothing);
  });
});
