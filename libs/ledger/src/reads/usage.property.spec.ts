// Goal: usage is the ledger's net of its time to the micro-credit, the same whichever way it is told. Method: random
// jobs of several bots, models, kinds and threads, some refunded days later, on a real Postgres; any stretch of time is
// told in every way there is and held against the entries.
import { describe, expect, it } from '@jest/globals';
import type { Funding, Instant, MicroCredits, RateCard, UsageFigures, UsageGrouping } from '@fairmeter/domain';
import {
  add,
  FUNDINGS,
  instant,
  netOf,
  parseMicroCredits,
  REQUEST_KINDS,
  sumMeters,
  USAGE_GROUPINGS,
  ZERO,
} from '@fairmeter/domain';
import fc from 'fast-check';
import type { LedgerDatabase } from '../../../../test/harness/ledger-database.js';
import {
  after,
  botTerms,
  byTokens,
  cardWith,
  HOUR,
  priceFor,
  T0,
  unitPriceFor,
  use,
} from '../../../../test/harness/orders.js';
import { allOnOneLedger } from '../../../../test/harness/own-account.js';
import type { Played, PlayedStep } from '../../../../test/harness/played-jobs.js';
import { playJob } from '../../../../test/harness/played-jobs.js';
import { readUsage } from './usage.reads.js';
import type { UsageQuery, UsageView } from './usage-views.js';

const CODER = priceFor();
const SMALL = priceFor({ model: 'small' });
const CHECK = unitPriceFor();
const CARD: RateCard = { ...cardWith(CODER, SMALL), units: [CHECK] };
const DAY = 24 * HOUR;
const DAYS = Array.from({ length: 9 }, (_, day) => after(T0, (day - 1) * DAY));

const step: fc.Arbitrary<PlayedStep> = fc
  .tuple(
    fc.constantFrom<Pick<PlayedStep, 'stage' | 'kind' | 'price'>>(
      { stage: 'generate', kind: 'model_call', price: byTokens(CODER) },
      { stage: 'clarify', kind: 'clarification', price: byTokens(SMALL) },
      { stage: 'check', kind: 'tool_call', price: { pricedBy: 'units', price: CHECK } },
      { stage: 'package', kind: 'packaging', price: { pricedBy: 'units', price: CHECK } },
    ),
    fc.record({ input: fc.nat(2_000), output: fc.nat(2_000), system: fc.nat(500), calls: fc.nat(2) }),
    fc.constantFrom('billable', 'billable', 'billable', 'platform_fault'),
  )
  .map(([what, meters, chargeClass]): PlayedStep => ({ ...what, used: use(meters), chargeClass }));

const job = fc.record({
  steps: fc.array(step, { maxLength: 4 }),
  bot: fc.constantFrom('bot_1', 'bot_2', 'bot_3'),
  model: fc.constantFrom('coder', 'small'),
  requestKind: fc.constantFrom(...REQUEST_KINDS),
  threadId: fc.constantFrom(null, 'thr_1', 'thr_2'),
  funding: fc.constantFrom<Funding>(...FUNDINGS),
  settles: fc.boolean(),
  /** Since the job before: time in a scope never runs back. */
  pause: fc.nat(18 * HOUR),
  /** Even: steps end half-way. */
  paceMs: fc.nat(3 * HOUR).map((half) => 2 * half),
  refundsSteps: fc.boolean(),
});
type Job = typeof job extends fc.Arbitrary<infer J> ? J : never;
const story = fc.record({
  jobs: fc.array(job, { minLength: 1, maxLength: 7 }),
  from: fc.nat(4 * DAY),
  long: fc.nat(5 * DAY),
});

const WAYS: readonly (readonly UsageGrouping[])[] = [
  [],
  ...USAGE_GROUPINGS.map((one) => [one]),
  ...USAGE_GROUPINGS.flatMap((one, index) => USAGE_GROUPINGS.slice(index + 1).map((other) => [one, other])),
];

describe('usage', () => {
  let db: LedgerDatabase;
  allOnOneLedger((opened) => {
    db = opened;
  });

  async function play(
    accountId: string,
    { bot: botId, funding, refundsSteps, ...how }: Job,
    asOf: Instant,
  ): Promise<void> {
    const type = botId === 'bot_3' ? 'chat' : 'coding';
    const bot = botTerms({ accountId, botId, type, rateCard: CARD });
    const played = await playJob(db.jobs, { bot, ...how, asOf });
    if (played === null) throw new Error('the job was not admitted');
    await db.entities.manager.query(
      `UPDATE ledger.jobs SET funding = $2, campaign_id = CASE $2 WHEN 'campaign' THEN 'cmp_1' END WHERE id = $1`,
      [played.jobId, funding],
    );
    if (how.settles && refundsSteps) await refundFirst(played, after(asOf, 2 * DAY));
  }

  async function refundFirst(played: Played, asOf: Instant): Promise<void> {
    const [paid] = await db.entities.manager.query<{ lot_id: string; amount: string; step_ordinal: number }[]>(
      `SELECT lot_id, amount::text, step_ordinal FROM ledger.entries
       WHERE job_id = $1 AND step_ordinal IS NOT NULL AND lot_id IS NOT NULL AND to_account LIKE 'consumed:%'
       ORDER BY scope_seq LIMIT 1`,
      [played.jobId],
    );
    if (paid === undefined) return;
    const parts = [{ lotId: paid.lot_id, amount: parseMicroCredits(paid.amount) }];
    const wish = { asOf, parts, form: 'origin_while_live', stepOrdinal: paid.step_ordinal } as const;
    expect(await db.jobs.refund(played, 'finding/1', wish)).toMatchObject({ ok: true });
  }

  async function usage(accountId: string, query: Partial<UsageQuery>): Promise<UsageView> {
    const stretch = { from: T0, to: after(T0, 30 * DAY) };
    const whole = { environment: 'live', ...stretch, groupings: [], days: DAYS, limit: 1_000 } as const;
    return db.entities.manager.transaction('REPEATABLE READ', async (tx) =>
      readUsage(tx, accountId, { ...whole, ...query }),
    );
  }

  /** From the entries alone: what lots paid for use, without what came back. */
  async function ledgerNet(accountId: string, from: Instant, to: Instant): Promise<MicroCredits> {
    const [row] = await db.entities.manager.query<{ net: string }[]>(
      `SELECT (coalesce(sum(amount) FILTER (WHERE to_account = $2 AND lot_id IS NOT NULL), 0)
         - coalesce(sum(amount) FILTER (WHERE from_account = $2), 0))::text AS net
       FROM ledger.entries WHERE account_id = $1 AND effective_at >= $3 AND effective_at < $4`,
      [accountId, `consumed:account/${accountId}`, new Date(from).toISOString(), new Date(to).toISOString()],
    );
    return parseMicroCredits(row?.net ?? '0');
  }

  const summed = (rows: readonly UsageFigures[]): Omit<UsageFigures, 'jobs'> => ({
    charged: add(ZERO, ...rows.map(({ charged }) => charged)),
    refunded: add(ZERO, ...rows.map(({ refunded }) => refunded)),
    used: sumMeters(rows.map(({ used }) => used)),
  });

  it('[E14] [B7] is the ledger\u2019s net of any stretch of time, and adds up to it told in any way', async () => {
    const seen = { refunded: 0, cut: 0, severalModels: 0 };
    await fc.assert(
      fc.asyncProperty(story, async ({ jobs, from: offset, long }) => {
        const accountId = await db.account('100000');
        let asOf = T0;
        for (const one of jobs) {
          asOf = after(asOf, one.pause);
          await play(accountId, one, asOf);
          asOf = after(asOf, one.paceMs * one.steps.length);
        }
        const from = after(T0, offset);
        const to = instant(from + long);
        const { total: whole } = await usage(accountId, {});
        const [sums] = await db.entities.manager.query<{ net: string; jobs: number }[]>(
          `SELECT sum(charge - refunded)::text AS net, count(*)::int AS jobs FROM ledger.jobs WHERE account_id = $1`,
          [accountId],
        );
        expect([netOf(whole).toString(), whole.jobs]).toEqual([sums?.net, sums?.jobs]);
        const { total } = await usage(accountId, { from, to });
        expect(netOf(total)).toBe(await ledgerNet(accountId, from, to));
        for (const groupings of WAYS) {
          const told = await usage(accountId, { from, to, groupings });
          expect(told.total).toEqual(total);
          expect([groupings, summed(told.rows)]).toEqual([groupings, { ...summed([total]) }]);
          expect(new Set(told.rows.map(({ keys }) => JSON.stringify(keys))).size).toBe(told.rows.length);
          if (groupings.length === 1 && groupings[0] === 'model' && told.rows.length > 1) seen.severalModels += 1;
        }
        if (whole.refunded > 0n) seen.refunded += 1;
        if (netOf(total) !== netOf(whole)) seen.cut += 1;
      }),
      { numRuns: 25 },
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(0);
  }, 120_000);

  it('filtered by the key of any row is that row', async () => {
    const accountId = await db.account('1000');
    const model = { stage: 'generate', kind: 'model_call', price: byTokens(CODER) } as const;
    const tool = { stage: 'package', kind: 'packaging', price: { pricedBy: 'units', price: CHECK } } as const;
    const usedUp = use({ input: 700, output: 300, calls: 1 });
    const plain = { model: 'coder', paceMs: 60_000, pause: 0, settles: true, refundsSteps: false } as const;
    const steps: PlayedStep[] = [{ ...model, used: usedUp }];
    const packs: PlayedStep[] = [...steps, { ...tool, used: use({ calls: 1 }) }];
    const jobs: Job[] = [
      { ...plain, steps, bot: 'bot_1', requestKind: 'debug', threadId: 'thr_1', funding: 'owner' },
      { ...plain, steps: packs, bot: 'bot_3', requestKind: 'chat', threadId: 'thr_2', funding: 'end_user' },
      {
        ...plain,
        steps: packs,
        model: 'small',
        bot: 'bot_2',
        requestKind: 'explain',
        threadId: null,
        funding: 'campaign',
      },
    ];
    for (const [index, one] of jobs.entries()) await play(accountId, one, after(T0, index * HOUR));
    const filters = {
      bot: 'botId',
      type: 'botType',
      kind: 'requestKind',
      model: 'model',
      thread: 'threadId',
      funding: 'funding',
      campaign: 'campaignId',
    } as const;
    for (const [grouping, filter] of Object.entries(filters)) {
      const { rows } = await usage(accountId, { groupings: [grouping as UsageGrouping] });
      expect(rows.length).toBeGreaterThan(1);
      for (const { keys, ...figures } of rows.filter((row) => row.keys[0] !== null)) {
        expect((await usage(accountId, { [filter]: keys[0] })).total).toEqual(figures);
      }
    }
    const { rows } = await usage(accountId, { groupings: ['artefact'] });
    expect(rows.map(({ keys, jobs: count }) => [keys[0], count])).toEqual([
      ['true', 2],
      ['false', 1],
    ]);
    expect((await usage(accountId, { artefact: true })).total.jobs).toBe(2);
  });
});
