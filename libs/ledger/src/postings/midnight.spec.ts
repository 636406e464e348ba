// Goal: a midnight that many accounts share costs nothing, however many they are. Method: accounts of one zone in the
// tables, before and after their day turns; what the ledger has written in between is counted row by row.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { instant } from '@fairmeter/domain';
import { withClient } from '@fairmeter/platform/database';
import { admitOrder, after, botTerms, creditsOf, HOUR, wishFor } from '../../../../test/harness/orders.js';
import { NOON, type Twin, Twins } from '../../../../test/harness/twin.js';

/** A million are no other than these: nothing below depends on how many they are. */
const IDLE = 20_000;
const DAY = 24 * HOUR;
const MIDNIGHT = instant(Date.UTC(2199, 0, 1, 18, 15));

let twins: Twins;
let busy: Twin;
let idle: Twin;

/** Everything that the ledger has ever written: it only adds, and each change of a scope is counted in it. */
async function written(): Promise<unknown> {
  const [counts] = await twins.db.entities.manager.query<unknown[]>(
    `SELECT (SELECT count(*)::int FROM ledger.lots) AS lots, (SELECT count(*)::int FROM ledger.entries) AS entries,
       (SELECT count(*)::int FROM ledger.operations) AS operations, (SELECT count(*)::int FROM ledger.outbox) AS events,
       (SELECT count(*)::int FROM ledger.terms) AS terms, (SELECT sum(entry_seq)::int FROM ledger.scopes) AS entry_seq,
       (SELECT count(DISTINCT last_effective_at)::int FROM ledger.scopes) AS instants`,
  );
  return counts;
}

/** Many with the terms of one, none of whom has ever asked for anything. */
async function settleLike(twin: Twin, others: readonly string[]): Promise<void> {
  await withClient(twins.db.database.ownerUrl, async (client) => {
    const names = `SELECT unnest($1::text[]) AS id`;
    await client.query(
      `INSERT INTO ledger.scopes (id, account_id, last_effective_at, terms_rows)
       SELECT 'account/' || n.id, n.id, s.last_effective_at, s.terms_rows
       FROM (${names}) n, ledger.scopes s WHERE s.id = $2`,
      [others, twin.owner.scopeId],
    );
    await client.query(
      `INSERT INTO ledger.terms (scope_id, number, account_id, effective_at, operation_key, zone, daily_allowance,
         reset_not_before, next_reset_at)
       SELECT 'account/' || n.id, t.number, n.id, t.effective_at, t.operation_key, t.zone,
         t.daily_allowance, t.reset_not_before, t.next_reset_at
       FROM (${names}) n, ledger.terms t WHERE t.scope_id = $2`,
      [others, twin.owner.scopeId],
    );
  });
}

/** Daily lots that were opened, and those of everybody else. */
async function lotsOf({ owner }: Twin): Promise<readonly [{ readonly lots: number; readonly others: number }]> {
  return twins.db.entities.manager.query(
    `SELECT count(*) FILTER (WHERE scope_id = $1)::int AS lots, count(*) FILTER (WHERE scope_id <> $1)::int AS others
     FROM ledger.lots`,
    [owner.scopeId],
  );
}

beforeAll(async () => {
  twins = await Twins.open();
  busy = twins.fresh();
  idle = twins.fresh();
  await busy.setTerms(NOON, { zone: 'Asia/Kathmandu', daily: '5' });
  const others = Array.from({ length: IDLE }, (_, index) => `acc_idle_${index}`);
  await settleLike(busy, [...others, idle.accountId]);
  await busy.work('today', after(NOON, HOUR));
}, 60_000);

afterAll(async () => {
  await twins.close();
}, 60_000);

describe('a midnight of many accounts', () => {
  it('[E3] gives each a new day, told at the very instant, and writes nothing', async () => {
    const before = await written();
    const [eve, day] = [await busy.credits(after(MIDNIGHT, -1)), await busy.credits(MIDNIGHT)];
    expect([eve.daily.available, day.daily.available]).toEqual([creditsOf('4.4'), creditsOf('5')]);
    expect((await idle.credits(MIDNIGHT)).daily).toMatchObject({
      available: creditsOf('5'),
      nextResetAt: after(MIDNIGHT, DAY),
    });
    expect(await written()).toEqual(before);
  });

  it('is booked by whoever asks for something after it, and for nobody else', async () => {
    const [{ lots: before }] = await lotsOf(busy);
    expect(await busy.work('tomorrow', after(MIDNIGHT, HOUR))).toBe('charged');
    expect(await lotsOf(busy)).toEqual([{ lots: before + 1, others: 0 }]);
    const { accountId } = idle;
    const wish = wishFor({ maxCredits: creditsOf('1.3') });
    const order = admitOrder(`job_${accountId}`, { bot: botTerms({ accountId }), wish });
    expect(await twins.db.jobs.admit(accountId, after(MIDNIGHT, HOUR), order)).toMatchObject({ ok: true });
    expect(await lotsOf(busy)).toEqual([{ lots: before + 1, others: 1 }]);
  });

  it('[F17] after three days in which nothing ran is one lot, that of the present day, in full', async () => {
    const [{ lots: before }] = await lotsOf(busy);
    const back = after(MIDNIGHT, 3 * DAY + HOUR);
    expect((await busy.credits(back)).daily).toMatchObject({
      available: creditsOf('5'),
      nextResetAt: after(MIDNIGHT, 4 * DAY),
    });
    expect(await busy.work('later', back)).toBe('charged');
    expect(await lotsOf(busy)).toMatchObject([{ lots: before + 1 }]);
    expect((await busy.credits(back)).daily.available).toBe(creditsOf('4.4'));
  });
});
