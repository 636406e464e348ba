// Goal: what was answered is answered again by its point, also where something was being written at that moment.
// Method: a reader whose clock is ahead stands where one does while a group is on its way: the group is seen later, and
// its instant lies before that of the answer.
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Instant } from '@fairmeter/domain';
import { accountScope } from '@fairmeter/domain';
import { newId, type TenantDatabase } from '@fairmeter/platform/database';
import { LedgerDatabase } from '../../../../test/harness/ledger-database.js';
import { admitOrder, after, botTerms, creditsOf, grantOrder, HOUR } from '../../../../test/harness/orders.js';
import { NOON, openReader } from '../../../../test/harness/twin.js';
import type { CreditsView, LotsPage, ScopePoint, ToldPoint } from './index.js';
import { pointAgain, readCredits, readLots, readPast, readPresent } from './index.js';

const DAY = 24 * HOUR;
/** On the next day, which nothing has opened yet. */
const MEANWHILE = after(NOON, DAY);
const AHEAD = after(MEANWHILE, 60_000);
const NOW_PERIOD = { kind: 'subscription', sourceRef: 'period/now' } as const;
const NEXT_PERIOD = { kind: 'subscription', sourceRef: 'period/next' } as const;
const END = after(NOON, 30 * DAY);

let db: LedgerDatabase;
let reader: TenantDatabase;
let owner: { readonly scopeId: string; readonly accountId: string };

beforeAll(async () => {
  db = await LedgerDatabase.open();
  reader = await openReader(db);
}, 60_000);

afterAll(async () => {
  await reader.close();
  await db.close();
}, 60_000);

/** With a period, the next one, a job that holds something, and a day. */
beforeEach(async () => {
  const accountId = newId('acc');
  owner = { scopeId: accountScope(accountId), accountId };
  const now = { amount: creditsOf('100'), validFrom: NOON, expiresAt: END };
  const next = { amount: creditsOf('300'), validFrom: END, expiresAt: after(END, 30 * DAY) };
  const held = admitOrder(newId('job'), { bot: botTerms({ accountId }) });
  for (const posted of [
    await db.grants.grant(owner, NOON, { ...NOW_PERIOD, ...now }),
    await db.grants.grant(owner, NOON, { ...NEXT_PERIOD, ...next }),
    await db.jobs.admit(accountId, NOON, held),
    await setTerms(NOON, 'UTC', '5'),
  ]) {
    expect(posted).toMatchObject({ ok: true });
  }
}, 60_000);

async function setTerms(asOf: Instant, zone: string, daily: string): Promise<unknown> {
  return db.terms.setTerms({ owner, changeKey: daily + zone, asOf, order: { zone, dailyAllowance: creditsOf(daily) } });
}

const { lotId: _, ...bonus } = grantOrder({ lotId: 'any', sourceRef: 'a bonus', amount: creditsOf('7') });

/** Each moves a figure of the account. */
const POSTED: Readonly<Record<string, () => Promise<unknown>>> = {
  'a grant': async () => db.grants.grant(owner, MEANWHILE, bonus),
  'a growth': async () =>
    db.grants.growLot(owner, MEANWHILE, { ...NOW_PERIOD, amount: creditsOf('50'), growKey: 'upgrade' }),
  'an end': async () => db.grants.endLot(owner, MEANWHILE, NOW_PERIOD),
  'a taking back': async () => db.grants.takeBackLot(owner, MEANWHILE, NEXT_PERIOD),
  'a larger day': async () => setTerms(MEANWHILE, 'UTC', '9'),
  'another zone': async () => setTerms(MEANWHILE, 'Asia/Tokyo', '5'),
  'a hold': async () => {
    const { accountId } = owner;
    return db.jobs.admit(accountId, MEANWHILE, admitOrder(newId('job'), { bot: botTerms({ accountId }) }));
  },
};

interface Told {
  readonly credits: CreditsView;
  readonly lots: LotsPage;
}

async function told(by: (tx: Parameters<typeof readPresent>[0], present: ScopePoint) => Promise<ScopePoint>) {
  return reader.asTenant({ accountId: owner.accountId, subject: owner.accountId }, async (tx): Promise<Told> => {
    const point = await by(tx, await readPresent(tx, owner.scopeId, AHEAD));
    const lots = await readLots(tx, point, { includeEnded: true, after: null, limit: 50 });
    return { credits: await readCredits(tx, point), lots };
  });
}

const now = async (): Promise<Told> => told((_tx, present) => Promise.resolve(present));
const asOf = async (): Promise<Told> => told((tx, present) => readPast(tx, present, AHEAD));

async function again(point: ToldPoint): Promise<Told> {
  return told(async (_tx, present) => {
    const same = pointAgain(present, point);
    if (same === null) throw new Error('the point is not there any more');
    return Promise.resolve(same);
  });
}

describe('a point that was told', () => {
  it.each(Object.keys(POSTED))('[X18] is told again to the micro-credit after %s of that very moment', async (name) => {
    const answered = await now();
    expect(answered.credits.daily.available).toBe(creditsOf('5'));
    expect(await asOf()).toEqual(answered);
    expect(await POSTED[name]?.()).toMatchObject({ ok: true });
    expect(await again(answered.credits.point)).toEqual(answered);
    // By its instant alone, what was being written counts in.
    expect((await asOf()).credits).not.toEqual(answered.credits);
  });

  it('is told again after all of them, and so is each in between', async () => {
    const answers: Told[] = [];
    for (const name of ['a hold', 'a growth', 'a larger day', 'another zone', 'a grant', 'a taking back', 'an end']) {
      answers.push(await now());
      expect(await POSTED[name]?.()).toMatchObject({ ok: true });
    }
    for (const answered of answers) expect(await again(answered.credits.point)).toEqual(answered);
  });

  it('is of its own scope, and never ahead of what there is', async () => {
    const { point } = (await now()).credits;
    const wrong: ToldPoint[] = [
      { ...point, scopeId: 'account/acc_another' },
      { ...point, at: after(point.at, 1) },
      { ...point, entrySeq: point.entrySeq + 1n },
      { ...point, eventSeq: point.eventSeq + 1n },
      { ...point, termsRows: point.termsRows + 1 },
    ];
    for (const made of wrong) await expect(again(made)).rejects.toThrow('not there');
  });
});

describe('the figures of an account', () => {
  it('are asked for in two questions, of the day and of the lots: they are looked at all the time', async () => {
    await reader.asTenant({ accountId: owner.accountId, subject: owner.accountId }, async (tx) => {
      const present = await readPresent(tx, owner.scopeId, NOON);
      const asking = jest.spyOn(tx, 'query');
      expect(await readCredits(tx, present)).toMatchObject({ subscription: { periodEnd: END } });
      expect(asking).toHaveBeenCalledTimes(2);
    });
  });
});
