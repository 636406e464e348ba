// Goal: credits of a period stand as long as the payment they are for: taken back with it, what was spent is owed and
// what ended unused is not, and given back with it. Method: the activities on a real database, credits spent by jobs.
import type { Instant } from '@fairmeter/domain';
import { accountScope, formatMicroCredits, instant } from '@fairmeter/domain';
import { SubscriptionLedger } from '@fairmeter/ledger';
import { systemClock } from '@fairmeter/platform';
import { newId } from '@fairmeter/platform/database';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectLedgerHolds } from '../../../../test/harness/audit.js';
import { admitOrder, beginOrder, botTerms, creditsOf, endOrder } from '../../../../test/harness/orders.js';
import { SubscriptionPayer, Till } from '../../../../test/harness/subscription-payer.js';
import { SubscriptionEffects } from '../subscriptions/subscription-effects.js';
import { PaidLots } from './paid-lots.js';

const HOUR = 3_600_000;
/** Long enough for a job to spend of it, on a busy machine too. */
const SOON_OVER_MS = 2_500;
/** As many as are asked for below: their first months end at once, before all of it. */
const OF_TWO_MONTHS = 7;

let till: Till;
let waiting: TwoMonths[];
beforeAll(async () => {
  till = await Till.open();
  waiting = await Promise.all(Array.from({ length: OF_TWO_MONTHS }, openTwoMonths));
}, 60_000);
afterAll(async () => {
  await expectLedgerHolds(till.db);
  await till.close();
}, 60_000);

class Member {
  readonly accountId = newId('acc');
  readonly payer = new SubscriptionPayer(till, { subject: { kind: 'account', accountId: this.accountId } });
  private readonly effects: SubscriptionEffects;

  constructor() {
    const { entities, grants: lots, terms, store } = till.db;
    const paidLots = new PaidLots({ lots, clock: systemClock });
    this.effects = new SubscriptionEffects({ entities, lots, terms, paidLots, news: new SubscriptionLedger(store) });
  }

  async isGranted(source: string, paidBy: string, expiresAt: Instant): Promise<void> {
    const asOf = instant(Date.now());
    const validFrom = instant(asOf - HOUR);
    const lot = { do: 'grant_lot', source, kind: 'subscription', amount: creditsOf('10') } as const;
    const effect = { ...lot, validFrom, periodStart: validFrom, expiresAt, paidBy };
    await this.effects.do(effect, { subject: this.payer.subject, asOf, stepKey: source, place: 0 });
  }

  /** 0.6 credits; what it was refused with, where it was. */
  async spends(): Promise<string | null> {
    const begun = await this.begins();
    if (typeof begun === 'string') return begun;
    await begun.ends();
    return null;
  }

  /** It holds credits until it ends, and has spent 0.6 of them by then. */
  async begins(): Promise<{ readonly ends: () => Promise<void> } | string> {
    const { accountId } = this;
    const { jobs } = till.db;
    const asOf = instant(Date.now());
    const order = admitOrder(newId('job'), { bot: botTerms({ accountId }) });
    const admitted = await jobs.admit(accountId, asOf, order);
    if (!admitted.ok) return admitted.refusal.code;
    const payer = { accountId, jobId: order.jobId };
    await jobs.beginStep({ payer, tryKey: 'try', asOf, order: beginOrder(1) });
    const settled = { state: 'completed', reason: 'finished', minimumCharge: creditsOf('0.1') } as const;
    return {
      ends: async () => {
        const ended = await jobs.endStep({ payer, tryKey: 'try', asOf, order: endOrder(1, 1) });
        expect([ended.ok, (await jobs.settle(payer, asOf, settled)).ok]).toEqual([true, true]);
      },
    };
  }

  async buys(credits: string): Promise<void> {
    const asOf = instant(Date.now());
    const order = { kind: 'bundle', amount: creditsOf(credits), validFrom: asOf, expiresAt: null } as const;
    await till.db.grants.grantToAccount(this.accountId, asOf, { ...order, sourceRef: newId('pur') });
  }

  /** What can be spent now, and what is owed. */
  async stands(): Promise<{ left: string; debt: string }> {
    const [row] = await till.db.entities.manager.query<{ left: string; debt: string }[]>(
      `SELECT s.debt::text, coalesce(sum(l.open) FILTER (WHERE l.expires_at IS NULL OR l.expires_at > now()), 0)::text
         AS left FROM ledger.scopes s LEFT JOIN ledger.lots l ON l.scope_id = s.id WHERE s.id = $1 GROUP BY s.debt`,
      [accountScope(this.accountId)],
    );
    if (row === undefined) throw new Error('nothing was ever granted');
    return row;
  }
}

const standing = (left: string, debt: string): { left: string; debt: string } => ({
  left: formatMicroCredits(creditsOf(left)),
  debt: formatMicroCredits(creditsOf(debt)),
});

/** A payment of two months: of the first, which is over, 0.6 were spent, and of the second as well. */
interface TwoMonths {
  readonly member: Member;
  readonly intent: string;
}

/** One that nobody has asked for yet. */
function twoMonths(): TwoMonths {
  const next = waiting.pop();
  if (next === undefined) throw new Error(`more than ${OF_TWO_MONTHS} are asked for`);
  return next;
}

/** Of somebody else where the first month was over before anything was spent of it, as on a busy machine. */
async function openTwoMonths(tries = 5): Promise<TwoMonths> {
  const member = new Member();
  const intent = await member.payer.paid('year');
  const over = Date.now() + SOON_OVER_MS;
  await member.isGranted('period/1', 'year', instant(over));
  const refused = await member.spends();
  if (Date.now() >= over && tries > 1) return openTwoMonths(tries - 1);
  expect(refused).toBeNull();
  await new Promise((resolve) => setTimeout(resolve, over - Date.now() + 1));
  await member.isGranted('period/2', 'year', instant(Date.now() + HOUR));
  expect(await member.spends()).toBeNull();
  expect(await member.stands()).toEqual(standing('9.4', '0'));
  return { member, intent };
}

describe('credits whose payment the bank has taken back', () => {
  it('[edge 72] go with it, what was spent is owed, what ended unused is not, and AI pauses', async () => {
    const { member, intent } = twoMonths();
    await member.payer.disputed(intent, 'opened');
    await member.payer.disputed(intent, 'opened');
    expect(await member.stands()).toEqual(standing('0', '1.2'));
    expect(await member.spends()).toBe('debt_outstanding');
    await member.buys('5');
    expect(await member.stands()).toEqual(standing('3.8', '0'));
    expect(await member.spends()).toBeNull();
  });

  it('[edge 72] come back with it, and go once more with the next dispute', async () => {
    const { member, intent } = twoMonths();
    await member.payer.disputed(intent, 'opened');
    await member.payer.disputed(intent, 'won');
    expect(await member.stands()).toEqual(standing('9.4', '0'));
    expect(await member.spends()).toBeNull();
    await member.payer.disputed(intent, 'opened', 'dp_second');
    expect(await member.stands()).toEqual(standing('0', '1.8'));
    await member.payer.disputed(intent, 'won', 'dp_second');
    expect(await member.stands()).toEqual(standing('8.8', '0'));
  });

  it.each([
    ['before', 'a dispute is won'],
    ['after', 'a dispute was won'],
  ] as const)('[edge 72] leave nothing behind of what a job held that ends %s %s', async (when, _won) => {
    const member = new Member();
    const intent = await member.payer.paid('year');
    await member.isGranted('period/1', 'year', instant(Date.now() + HOUR));
    const job = await member.begins();
    if (typeof job === 'string') throw new Error(job);
    await member.payer.disputed(intent, 'opened');
    if (when === 'before') await job.ends();
    await member.payer.disputed(intent, 'won');
    if (when === 'after') {
      await job.ends();
      await member.payer.isLookedAt('year');
    }
    expect(await member.stands()).toEqual(standing('9.4', '0'));
    await member.payer.disputed(intent, 'opened', 'dp_second');
    expect(await member.stands()).toEqual(standing('0', '0.6'));
    await member.payer.disputed(intent, 'won', 'dp_second');
    expect(await member.stands()).toEqual(standing('9.4', '0'));
  });

  it('[edge 72] go with the payment in its place as soon as that is sent back, unless the first is paid', async () => {
    const [lost, won] = [twoMonths(), twoMonths()];
    await lost.member.payer.disputed(lost.intent, 'opened');
    await lost.member.payer.askAgain('again', 'year');
    await lost.member.payer.payAndHear('again');
    await lost.member.payer.drop('again');
    expect(await lost.member.payer.stateOf('again')).toBe('returned');
    expect(await lost.member.stands()).toEqual(standing('0', '1.2'));

    await won.member.payer.disputed(won.intent, 'opened');
    await won.member.payer.askAgain('again', 'year');
    await won.member.payer.payAndHear('again');
    await won.member.payer.disputed(won.intent, 'won');
    await won.member.payer.drop('again');
    expect(await won.member.payer.stateOf('again')).toBe('returned');
    expect(await won.member.stands()).toEqual(standing('9.4', '0'));
    await won.member.payer.disputed(won.intent, 'opened', 'dp_second');
    expect(await won.member.stands()).toEqual(standing('0', '1.2'));
  });

  it('[edge 72] come back with what a purchase had paid of the debt, and that has no end', async () => {
    const { member, intent } = twoMonths();
    await member.payer.disputed(intent, 'opened');
    await member.buys('1.2');
    await member.payer.disputed(intent, 'won');
    expect(await member.stands()).toEqual(standing('10.6', '0'));
  });

  it('[edge 72] come back with the payment in its place, and stay while the first is disputed', async () => {
    const { member, intent } = twoMonths();
    await member.payer.disputed(intent, 'opened');
    expect(await member.payer.askAgain('again', 'year')).toMatchObject({
      state: 'open',
      checkoutUrl: expect.any(String),
    });
    await member.payer.payAndHear('again');
    expect(await member.stands()).toEqual(standing('9.4', '0'));
    await member.payer.drop('year');
    await member.payer.disputed(intent, 'won');
    expect([await member.payer.stateOf('year'), till.refundsOf(intent)]).toEqual(['returned', 1]);
    expect(await member.stands()).toEqual(standing('9.4', '0'));
  });

  it('[edge 72] do not stand where they were granted while it was taken back', async () => {
    const member = new Member();
    const intent = await member.payer.paid('year');
    await member.payer.disputed(intent, 'opened');
    await member.isGranted('period/1', 'year', instant(Date.now() + HOUR));
    expect(await member.stands()).toEqual(standing('0', '0'));
    await member.payer.disputed(intent, 'won');
    expect(await member.stands()).toEqual(standing('10', '0'));
  });

  it('[edge 72] pay a debt first where they are paid for', async () => {
    const { member, intent } = twoMonths();
    await member.payer.disputed(intent, 'opened');
    await member.payer.paid('next');
    await member.isGranted('period/3', 'next', instant(Date.now() + HOUR));
    expect(await member.stands()).toEqual(standing('8.8', '0'));
  });
});
