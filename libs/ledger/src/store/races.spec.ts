// Goal: many writers of one scope never spend a credit twice, never wait for each other for good, and leave numbers
// without gaps. Method: several stores over one database, as several processes are; the auditor has the last word.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { instant } from '@fairmeter/domain';
import { newId, TenantDatabase } from '@fairmeter/platform/database';
import { LedgerDatabase } from '../../../../test/harness/ledger-database.js';
import {
  admitOrder,
  after,
  beginOrder,
  botTerms,
  cardWith,
  creditsOf,
  endOrder,
  grantOrder,
  priceFor,
  T0,
} from '../../../../test/harness/orders.js';
import { until } from '../../../../test/harness/until.js';
import { auditLedger, describeAudit, LotLedger, JobLedger, LedgerStore } from '../index.js';
import { OUTBOX_CHANNEL } from './outbox-channel.js';

const WRITERS = 4;
let db: LedgerDatabase;
let writers: readonly JobLedger[];

beforeAll(async () => {
  db = await LedgerDatabase.open();
  writers = Array.from({ length: WRITERS }, () => new JobLedger(new LedgerStore(db.writer)));
}, 60_000);

afterAll(async () => {
  const report = await auditLedger(db.writer);
  await db.close();
  if (!report.holds) throw new Error(describeAudit(report).join('\n'));
}, 60_000);

/** Every first hold is just that many credits: the smallest charge, as the model itself costs nothing. */
function jobsOf(accountId: string, hold: string): ReturnType<typeof admitOrder> {
  const free = { input: creditsOf('0'), cachedInput: creditsOf('0'), cacheWrite: creditsOf('0') };
  const price = priceFor({ rates: { ...free, output: creditsOf('0'), reasoning: creditsOf('0') } });
  const rateCard = { ...cardWith(price), minimumCharge: creditsOf(hold) };
  return admitOrder(newId('job'), { bot: botTerms({ accountId, rateCard }) });
}

async function race(accountId: string, hold: string, times: number): Promise<Record<string, number>> {
  const asked = writers.flatMap((writer, index) => {
    const share = Math.floor((times + WRITERS - 1 - index) / WRITERS);
    return Array.from({ length: share }, () => writer.admit(accountId, T0, jobsOf(accountId, hold)));
  });
  const answers = await Promise.all(asked);
  const outcomes: Record<string, number> = {};
  for (const answer of answers) {
    const outcome = answer.ok ? 'held' : answer.refusal.code;
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  return outcomes;
}

const lotOf = async (accountId: string): Promise<unknown> => {
  const rows = await db.writer.query({
    text: 'SELECT open::text, held::text FROM ledger.lots WHERE account_id = $1',
    values: [accountId],
  });
  return rows[0];
};

/** As Postgres itself counts them: one that was tried again and came through is counted too. */
async function deadlocks(): Promise<string> {
  const rows = await db.writer.query<{ deadlocks: string }>({
    text: 'SELECT deadlocks::text FROM pg_stat_database WHERE datname = current_database()',
    values: [],
  });
  if (rows[0] === undefined) throw new Error('Postgres counts every database');
  return rows[0].deadlocks;
}

const RACES_OF_A_PART = 50;
const PARTS = Array.from({ length: 20 }, (_, index) => index + 1);

describe('one lot, many takers', () => {
  describe.each(PARTS)('part %i', () => {
    let accounts: readonly string[];
    beforeAll(async () => {
      accounts = await Promise.all(Array.from({ length: RACES_OF_A_PART }, () => db.account('0.1')));
    }, 60_000);

    it('[edge 17] lot.never-negative: of two jobs that race for the last 0.1 one holds it, every time', async () => {
      for (const accountId of accounts) {
        expect(await race(accountId, '0.1', 2)).toEqual({ held: 1, credits_exhausted: 1 });
        expect(await lotOf(accountId)).toEqual({ open: '0', held: '100000' });
      }
    });
  });

  it('[edge 18] lot.never-negative: of a hundred jobs of 1 on 50 credits exactly 50 are admitted', async () => {
    const accountId = await db.account('50');
    expect(await race(accountId, '1', 100)).toEqual({ held: 50, credits_exhausted: 50 });
    expect(await lotOf(accountId)).toEqual({ open: '0', held: '50000000' });
  });

  it('[edge 18] makes no deadlock of many scopes that many writers take in any order', async () => {
    const accounts = await Promise.all(Array.from({ length: 12 }, () => db.account('5')));
    const before = await deadlocks();
    const both = [...accounts, ...[...accounts].reverse()];
    const outcomes = await Promise.all(both.map((accountId) => race(accountId, '1', 8)));
    const held = outcomes.reduce((sum, outcome) => sum + (outcome['held'] ?? 0), 0);
    expect(held).toBe(12 * 5);
    // A session hands its counts over about once a second, when idle; a deadlock would have taken as long to be found.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await deadlocks()).toBe(before);
  });
});

describe('the numbers of a scope', () => {
  it('count entries and events without gaps, in the order of their commits', async () => {
    const accountId = await db.account('1000');
    const orders = Array.from({ length: 12 }, () => admitOrder(newId('job'), { bot: botTerms({ accountId }) }));
    const seen: bigint[] = [];
    let isWatching = true;
    // A reader that follows by number, as a stream does: it must never find one below the last it saw.
    const watch = (async (): Promise<void> => {
      for (let isLast = false; !isLast;) {
        // One that begins after all is written is the last, however long it was on its way.
        isLast = !isWatching;
        const rows = await db.writer.query<{ scope_seq: bigint }>({
          text: 'SELECT scope_seq FROM ledger.outbox WHERE scope_id = $1 AND scope_seq > $2 ORDER BY scope_seq',
          values: [`account/${accountId}`, (seen.at(-1) ?? 0n).toString()],
        });
        seen.push(...rows.map((row) => row.scope_seq));
      }
    })();
    await Promise.all(
      orders.map(async (order, index) => {
        const jobs = writers[index % WRITERS];
        const payer = { accountId, jobId: order.jobId };
        await jobs?.admit(accountId, T0, order);
        await jobs?.beginStep({ payer, tryKey: '1', asOf: T0, order: beginOrder(1) });
        await jobs?.endStep({ payer, tryKey: '1', asOf: T0, order: endOrder(1, 1) });
        const order2 = { state: 'completed', reason: 'finished', minimumCharge: creditsOf('0.1') } as const;
        await jobs?.settle(payer, T0, order2);
      }),
    );
    isWatching = false;
    await watch;
    const all = Array.from({ length: 1 + 12 * 4 }, (_, index) => BigInt(index) + 1n);
    expect(seen).toEqual(all);
    const rows = await db.writer.query({
      text: `SELECT entry_seq = (SELECT count(*) FROM ledger.entries e WHERE e.scope_id = s.id)
        AND entry_seq = (SELECT max(scope_seq) FROM ledger.entries e WHERE e.scope_id = s.id) AS whole
        FROM ledger.scopes s WHERE id = $1`,
      values: [`account/${accountId}`],
    });
    expect(rows).toEqual([{ whole: true }]);
  });

  it('wakes whoever listens to the scope, once for a committed group', async () => {
    const accountId = await db.account('10');
    const scopeId = `account/${accountId}`;
    const heard: string[] = [];
    const tenants = await TenantDatabase.open({
      url: db.database.readerUrl,
      maxConnections: 1,
      entities: [],
      applicationName: 'test-listener',
    });
    const listening = await tenants.listen(
      OUTBOX_CHANNEL,
      (payload) => heard.push(payload),
      () => undefined,
    );
    try {
      const admit = db.jobs.admit(accountId, T0, admitOrder(newId('job'), { bot: botTerms({ accountId }) }));
      expect(await admit).toMatchObject({ ok: true });
      await until(
        async () => heard,
        (payloads) => payloads.includes(scopeId),
      );
      expect(heard.filter((payload) => payload === scopeId)).toEqual([scopeId]);
    } finally {
      await listening.close();
      await tenants.close();
    }
  });
});

describe('the time of a scope', () => {
  it('scope.time-never-back: is the latest of what the caller says, the clock, and the scope itself', async () => {
    const accountId = newId('acc');
    const grants = new LotLedger(db.store);
    const far = instant(Date.UTC(2190, 0, 1));
    const give = async (asOf: typeof far): Promise<number> => {
      const { lotId: _, ...lot } = grantOrder({ lotId: 'any', sourceRef: newId('lot') });
      await grants.grantToAccount(accountId, asOf, lot);
      const rows = await db.writer.query<{ last_effective_at: Date }>({
        text: 'SELECT last_effective_at FROM ledger.scopes WHERE account_id = $1',
        values: [accountId],
      });
      return rows[0]?.last_effective_at.getTime() ?? 0;
    };
    const started = await db.writer.query<{ now: Date }>("SELECT date_trunc('milliseconds', clock_timestamp()) AS now");
    const byClock = await give(instant(0));
    expect(byClock).toBeGreaterThanOrEqual(started[0]?.now.getTime() ?? Infinity);
    expect(await give(instant(0))).toBeGreaterThanOrEqual(byClock);
    expect(await give(far)).toBe(far);
    expect(await give(instant(0))).toBe(far);
    expect(await give(after(far, -1))).toBe(far);
    expect(await give(after(far, 1))).toBe(far + 1);
    const entries = await db.writer.query<{ effective_at: Date }>({
      text: 'SELECT effective_at FROM ledger.entries WHERE account_id = $1 ORDER BY scope_seq',
      values: [accountId],
    });
    const times = entries.map((entry) => entry.effective_at.getTime());
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });
});
