// Goal: three years of one account come out right to the lot on the real server, through restarts of every process:
// started on a 31st, in a zone with two changes of clocks a year, upgraded, downgraded, undone, once not paid in time.
// Method: every lot by date and amount, by hand: the same as the domain's own three years.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectLedgerHolds } from '../harness/audit.js';
import { eventNames, fetchHistory, runsOf } from '../harness/histories.js';
import { keepStory } from '../harness/kept-stories.js';
import { openBot } from '../harness/people.js';
import { ScriptedPayments, Subscribed } from '../harness/subscribed.js';
import { TestStack, type RunningWorker } from '../harness/test-stack.js';
import { until } from '../harness/until.js';

const at = (text: string): number => Date.parse(text);

/** 09:30 on the clocks of Berlin: half past eight of UTC in winter, half past seven in summer. */
const LOTS = [
  ['2039-01-31T08:30', '300.000000'],
  ['2039-02-28T08:30', '300.000000'],
  ['2039-03-31T07:30', '300.000000'],
  ['2039-04-30T07:30', '774.200000'],
  ['2039-05-31T07:30', '1000.000000'],
  ['2039-06-30T07:30', '1000.000000'],
  ['2039-07-31T07:30', '1000.000000'],
  ['2039-08-31T07:30', '1000.000000'],
  ['2039-09-30T07:30', '1000.000000'],
  ['2039-10-31T08:30', '1000.000000'],
  ['2039-11-30T08:30', '1000.000000'],
  ['2039-12-31T08:30', '1000.000000'],
  ['2040-01-31T08:30', '300.000000'],
  ['2040-02-29T08:30', '300.000000'],
  ['2040-03-31T07:30', '300.000000'],
  ['2040-04-30T07:30', '300.000000'],
  ['2040-05-31T07:30', '300.000000'],
  ['2040-06-30T07:30', '300.000000'],
  ['2040-07-31T07:30', '300.000000'],
  // Not paid on 31 August: three days late, to the same end.
  ['2040-09-03T07:30', '300.000000'],
  ['2040-09-30T07:30', '300.000000'],
  ['2040-10-31T08:30', '300.000000'],
  ['2040-11-30T08:30', '300.000000'],
  ['2040-12-31T08:30', '300.000000'],
  ['2041-01-31T08:30', '300.000000'],
  ['2041-02-28T08:30', '300.000000'],
  ['2041-03-31T07:30', '300.000000'],
  ['2041-04-30T07:30', '300.000000'],
  ['2041-05-31T07:30', '300.000000'],
  ['2041-06-30T07:30', '300.000000'],
  ['2041-07-31T07:30', '300.000000'],
  ['2041-08-31T07:30', '300.000000'],
  ['2041-09-30T07:30', '300.000000'],
  ['2041-10-31T08:30', '300.000000'],
  // Cancelled: free from here on, every thirty days of the zone that the account is in now.
  ['2041-11-30T08:30', '50.000000'],
  ['2041-12-30T08:30', '50.000000'],
  ['2042-01-29T08:30', '50.000000'],
] as const;

const NEWS = [
  ...['plan_changed', 'plan_changed', 'change_scheduled', 'change_undone', 'change_scheduled'],
  ...['plan_changed', 'past_due', 'payment_failed', 'paid_after_all', 'end_scheduled', 'plan_changed', 'ended'],
];

/** A run ends at 40 events, and with the step that it is in. */
const LONGEST_RUN = 100;

describe('three years of one account', () => {
  const payments = new ScriptedPayments();
  let stack: TestStack;
  let worker: RunningWorker;
  let account: Subscribed;
  let runs: readonly string[];

  const startWorker = async (): Promise<RunningWorker> =>
    stack.startWorkerLike({ around: () => ({ subscriptionPayments: payments }) });

  async function restart(): Promise<void> {
    await worker.stop();
    worker = await startWorker();
  }

  async function live(): Promise<void> {
    // Ordered and not paid yet, nothing falls due: its years begin with the payment, whatever day it is today.
    payments.pays = 'by_hand';
    const { order } = await account.open();
    await account.skip({ to: at('2039-01-31T08:30:00Z') });
    payments.pays = 'at_once';
    await account.hear(order?.payment.key ?? 'nothing was ordered', true);
    await until(
      () => account.news(),
      ({ length }) => length === 1,
    );
    await account.skip({ to: at('2039-05-10T07:30:00Z') });
    // 21 of the 31 days from 30 April to 31 May are left: 700 x 21 / 31 = 474.19, so 474.2.
    await account.change('plan_premium');
    await restart();
    await account.skip({ to: at('2039-09-02T10:00:00Z') });
    await account.change('plan_standard');
    await account.skip({ to: at('2039-09-20T10:00:00Z') });
    await account.undo();
    await account.skip({ to: at('2040-01-15T10:00:00Z') });
    await restart();
    await account.change('plan_standard');
    await account.skip({ to: at('2040-02-01T10:00:00Z') });
    await account.moveTo('Asia/Tokyo');
    await account.skip({ to: at('2040-08-20T00:00:00Z') });
    await payLate();
    await restart();
    await account.skip({ to: at('2041-11-15T00:00:00Z') });
    await account.cancel();
    await account.skip({ to: at('2042-01-31T09:00:00Z') });
  }

  /** The renewal of 31 August is refused, tried once more in vain, and paid three days late. */
  async function payLate(): Promise<void> {
    payments.pays = 'by_hand';
    await account.skip({ to: at('2040-08-31T07:31:00Z') });
    const owed = (await account.remembered()).arrears?.payment.key ?? 'nothing is owed';
    await account.hear(owed, false);
    await account.skip({ to: at('2040-09-03T07:30:00Z') });
    await account.hear(owed, true);
    await until(
      () => account.news(),
      (news) => news.includes('paid_after_all'),
    );
    payments.pays = 'at_once';
  }

  beforeAll(async () => {
    stack = await TestStack.open();
    worker = await startWorker();
    const { accountId } = await openBot(stack, { plan: 'plan_free' });
    account = new Subscribed(stack, { kind: 'account', accountId }, { zone: 'Europe/Berlin', planId: 'plan_standard' });
    await live();
    runs = await runsOf(stack, account.workflowId);
    await account.close();
  }, 300_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  it('[F16] [F29] [edge 1] bring each lot on its day and in its amount, and none besides', async () => {
    expect((await account.table()).filter(([start]) => start >= LOTS[0][0])).toEqual(LOTS);
  });

  it('[E8] [D7] leave nothing of a period that is over, and no gap but for the days that were not paid', async () => {
    const lots = await account.lots();
    expect(new Set(lots.slice(0, -1).map(({ open }) => open))).toEqual(new Set(['0.000000']));
    const gaps = lots.slice(1).filter((lot, index) => lots[index]?.expiresAt !== lot.validFrom);
    expect(gaps.map(({ validFrom }) => validFrom.slice(0, 10))).toEqual(['2040-09-03']);
    await expectLedgerHolds(stack);
  });

  it('tell of each turn once, and end where the account is free again', async () => {
    expect(await account.news()).toEqual(NEWS);
    expect(await account.account()).toEqual({ plan: 'plan_free', version: 1, status: 'active' });
  });

  it('[F16] [F22] are runs of a bounded history, each of which replays', async () => {
    expect(runs.length).toBeGreaterThan(2);
    for (const runId of runs) {
      const names = eventNames(await fetchHistory(stack, account.workflowId, runId));
      expect(names.length).toBeLessThan(LONGEST_RUN);
    }
    const [first] = [...runs].reverse();
    if (first === undefined) throw new Error('it never ran');
    await keepStory(stack, 'continued', { workflowId: account.workflowId, workflow: account.workflow, runId: first });
  });
});
