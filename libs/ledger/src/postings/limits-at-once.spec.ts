// Goal: limits hold on a real Postgres as they do in memory, also when many ask at once from several writers. Method:
// jobs are admitted under limits, charged, settled and refunded; rows of counters are compared; the auditor agrees.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CounterKind, Funding, Instant, LimitChange, MicroCredits } from '@fairmeter/domain';
import { accountScope, counterId, formatCredits } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import { LedgerDatabase } from '../../../../test/harness/ledger-database.js';
import {
  admitOrder,
  after,
  beginOrder,
  botTerms,
  byTokens,
  cardWith,
  creditsOf,
  endOrder,
  HOUR,
  priceFor,
  T0,
  use,
} from '../../../../test/harness/orders.js';
import { auditLedger, describeAudit } from '../audit/audit.js';
import { CounterRow } from '../rows/counter.row.js';
import { HoldCounterRow } from '../rows/hold.row.js';
import { LotRow } from '../rows/lot.row.js';
import { LedgerStore } from '../store/ledger-store.js';
import { JobLedger } from './job-ledger.js';

let db: LedgerDatabase;
/** As many processes. */
let writers: readonly JobLedger[];

beforeAll(async () => {
  db = await LedgerDatabase.open();
  writers = [1, 2, 3, 4].map(() => new JobLedger(new LedgerStore(db.writer)));
}, 60_000);

afterAll(async () => {
  const report = await auditLedger(db.writer);
  await db.close();
  if (!report.holds) throw new Error(describeAudit(report).join('\n'));
}, 60_000);

const MONDAY = T0;
const TUESDAY = after(T0, 24 * HOUR);

interface DatedLimit extends LimitChange {
  readonly amount: MicroCredits;
  /** The day on which it is asked for and counts. */
  readonly day: Instant;
}

function limit(kind: CounterKind, amount: string, day: Instant = MONDAY): DatedLimit {
  return { kind, subject: 'one', period: 'day', amount: creditsOf(amount), day };
}

interface Wish {
  readonly amount: string;
  readonly limits: readonly DatedLimit[];
  readonly funding?: Funding;
}

/** The model costs nothing, so a job holds and is charged its minimum: just the amount. */
const nothing = creditsOf('0');
const price = priceFor({
  rates: { input: nothing, cachedInput: nothing, cacheWrite: nothing, output: nothing, reasoning: nothing },
});

class Job {
  readonly jobId = newId('job');
  private readonly asOf: Instant;

  constructor(
    readonly accountId: string,
    private readonly wish: Wish,
  ) {
    this.asOf = wish.limits[0]?.day ?? T0;
  }

  /** `held`, or the code of the refusal. */
  async hold(writer: JobLedger | undefined = writers[0]): Promise<string> {
    const { accountId, asOf } = this;
    const { funding = 'owner', limits, amount } = this.wish;
    await setLimits(accountId, limits);
    const rateCard = { ...cardWith(price), minimumCharge: creditsOf(amount) };
    const order = admitOrder(this.jobId, {
      bot: botTerms({ accountId, rateCard }),
      payer: { funding, publicMayUseBonus: false },
      limitRefs: limits.map(({ kind, subject }) => ({ kind, subject })),
    });
    const wish = { ...order.wish, maxCredits: creditsOf('1000') };
    const admitted = await writer?.admit(accountId, asOf, { ...order, wish });
    return admitted?.ok === true ? 'held' : String(admitted?.refusal.code);
  }

  /** Uses all it holds, or nothing. */
  async finish(charged: boolean): Promise<this> {
    const { accountId, jobId, asOf } = this;
    const minimumCharge = creditsOf(this.wish.amount);
    const payer = { accountId, jobId };
    if (charged) {
      const order = beginOrder(1, { price: byTokens(price), minimumCharge });
      await writers[0]?.beginStep({ payer, tryKey: 'try', asOf, order });
      const end = endOrder(1, 1, { price: byTokens(price), meters: use({ calls: 1 }) });
      await db.jobs.endStep({ payer, tryKey: 'try', asOf, order: end });
    }
    const settled = await db.jobs.settle(payer, asOf, { state: 'completed', reason: 'finished', minimumCharge });
    expect(settled).toMatchObject({ value: { result: { charge: charged ? minimumCharge.toString() : '0' } } });
    return this;
  }
}

const lastSet = new Map<string, { readonly changeKey: string; readonly isSet: Promise<unknown> }>();

/** As the owner's settings say when the job is asked for; set once, however many jobs ask. */
async function setLimits(accountId: string, limits: readonly DatedLimit[]): Promise<void> {
  const asOf = limits[0]?.day;
  if (asOf === undefined) return;
  const order = limits.map(({ day: _, ...change }) => change);
  const changeKey = order.map(({ kind, amount }) => `${kind}=${amount}`).join();
  const owner = { scopeId: accountScope(accountId), accountId };
  if (lastSet.get(accountId)?.changeKey !== changeKey) {
    const post = { owner, changeKey: newId('req'), asOf, order };
    lastSet.set(accountId, { changeKey, isSet: db.terms.setLimits(post) });
  }
  expect(await lastSet.get(accountId)?.isSet).toMatchObject({ ok: true });
}

const spend = async (accountId: string, wish: Wish): Promise<string> => {
  const job = new Job(accountId, wish);
  const held = await job.hold();
  if (held === 'held') await job.finish(true);
  return held;
};

/** Used and held of a limit in credits; null where there is no row. */
async function figures(accountId: string, of: DatedLimit): Promise<readonly [string, string] | null> {
  const id = counterId(accountScope(accountId), { limit: of, periodStart: of.day });
  const row = await db.entities.manager.getRepository(CounterRow).findOneBy({ id });
  const parts = await db.entities.manager.getRepository(HoldCounterRow).findBy({ counterId: id });
  const sum = (side: 'used' | 'held'): bigint => parts.reduce((all, part) => all + part[side], 0n);
  expect([sum('used'), sum('held')]).toEqual([row?.used ?? 0n, row?.held ?? 0n]);
  return row === null ? null : [formatCredits(row.used), formatCredits(row.held)];
}

async function lotOf(accountId: string): Promise<readonly [string, string]> {
  const lot = await db.entities.manager.getRepository(LotRow).findOneByOrFail({ accountId });
  return [formatCredits(lot.open), formatCredits(lot.held)];
}

const tally = (codes: readonly string[]): Record<string, number> =>
  codes.reduce<Record<string, number>>((all, code) => ({ ...all, [code]: (all[code] ?? 0) + 1 }), {});

describe('a free reserve of 100 under a cap of 1000', () => {
  const visit: Wish = { amount: '10', limits: [limit('free_reserve', '100')], funding: 'free_visitor' };

  it('[W5] [B9] stops free use at 100, asked for side by side, while the owner goes on', async () => {
    const accountId = await db.account('1000');
    const answers = await Promise.all(Array.from({ length: 15 }, () => spend(accountId, visit)));
    expect(tally(answers)).toEqual({ held: 10, free_usage_exhausted: 5 });
    expect(await figures(accountId, limit('free_reserve', '100'))).toEqual(['100.000000', '0.000000']);
    expect(await spend(accountId, { amount: '900', limits: [] })).toBe('held');
    expect(await lotOf(accountId)).toEqual(['0.000000', '0.000000']);
  });

  it('[W5] stops free use at 50 where the owner has spent 950 first', async () => {
    const accountId = await db.account('1000');
    expect(await spend(accountId, { amount: '950', limits: [] })).toBe('held');
    const answers = await Promise.all(Array.from({ length: 15 }, () => spend(accountId, visit)));
    expect(tally(answers)).toEqual({ held: 5, credits_exhausted: 10 });
    expect(await figures(accountId, limit('free_reserve', '100'))).toEqual(['50.000000', '0.000000']);
  });
});

describe('many at once', () => {
  it('[edge 74] 50 holds from four writers against a limit with room for 20: exactly 20 pass', async () => {
    const accountId = await db.account('1000');
    const campaign = limit('campaign', '20');
    const jobs = Array.from({ length: 50 }, () => new Job(accountId, { amount: '1', limits: [campaign] }));
    const answers = await Promise.all(jobs.map((job, index) => job.hold(writers[index % writers.length])));
    expect(tally(answers)).toEqual({ held: 20, campaign_limit_reached: 30 });
    expect(await figures(accountId, campaign)).toEqual(['0.000000', '20.000000']);
    const held = jobs.filter((_, index) => answers[index] === 'held');
    await Promise.all(held.map((job, index) => job.finish(index < 12)));
    expect(await figures(accountId, campaign)).toEqual(['12.000000', '0.000000']);
    const late = Array.from({ length: 20 }, () => new Job(accountId, { amount: '1', limits: [campaign] }));
    const more = await Promise.all(late.map((job, index) => job.hold(writers[index % writers.length])));
    expect(tally(more)).toEqual({ held: 8, campaign_limit_reached: 12 });
    expect(await lotOf(accountId)).toEqual(['980.000000', '8.000000']);
  });

  it('[B16] under three limits each counts all, and the one that is full moves none of the others', async () => {
    const accountId = await db.account('1000');
    const limits = [limit('spend', '500'), limit('member', '5'), limit('key', '50')];
    const jobs = Array.from({ length: 9 }, () => new Job(accountId, { amount: '1', limits }));
    const answers = await Promise.all(jobs.map((job) => job.hold()));
    expect(tally(answers)).toEqual({ held: 5, member_limit_reached: 4 });
    for (const now of limits) expect(await figures(accountId, now)).toEqual(['0.000000', '5.000000']);
    expect(await spend(accountId, { amount: '1', limits: [limit('visitor', '0.5')] })).toBe('visitor_limit_reached');
    expect(await figures(accountId, limit('visitor', '0.5'))).toBeNull();
  });
});

describe('a limit over time', () => {
  it('gives a refund back to the period of its use, and the present gains no room', async () => {
    const accountId = await db.account('1000');
    const [monday, tuesday] = [limit('member', '3', MONDAY), limit('member', '3', TUESDAY)];
    const old = new Job(accountId, { amount: '3', limits: [monday] });
    await old.hold();
    await old.finish(true);
    expect(await spend(accountId, { amount: '2', limits: [tuesday] })).toBe('held');
    const lot = await db.entities.manager.getRepository(LotRow).findOneByOrFail({ accountId });
    const refunded = await db.jobs.refund({ accountId, jobId: old.jobId }, 'case/1', {
      asOf: TUESDAY,
      parts: [{ lotId: lot.id, amount: creditsOf('2') }],
      form: 'origin_while_live',
      stepOrdinal: null,
    });
    expect(refunded).toMatchObject({ ok: true });
    expect([await figures(accountId, monday), await figures(accountId, tuesday)]).toEqual([
      ['1.000000', '0.000000'],
      ['2.000000', '0.000000'],
    ]);
    expect(await spend(accountId, { amount: '1.5', limits: [tuesday] })).toBe('member_limit_reached');
  });

  it('[edge 75] lowered below its use stops what is new at once; what runs is charged and ends', async () => {
    const accountId = await db.account('1000');
    const running = new Job(accountId, { amount: '4', limits: [limit('free_reserve', '10')] });
    expect(await running.hold()).toBe('held');
    expect(await spend(accountId, { amount: '3', limits: [limit('free_reserve', '10')] })).toBe('held');
    const lowered = limit('free_reserve', '2');
    expect(await spend(accountId, { amount: '0.1', limits: [lowered] })).toBe('free_usage_exhausted');
    await running.finish(true);
    expect(await figures(accountId, lowered)).toEqual(['7.000000', '0.000000']);
    expect(await spend(accountId, { amount: '0.1', limits: [lowered] })).toBe('free_usage_exhausted');
    expect(await spend(accountId, { amount: '0.1', limits: [limit('free_reserve', '7.1')] })).toBe('held');
  });
});
