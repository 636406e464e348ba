// Goal: what cannot be is refused by a code of its own and writes nothing, and whoever is committed together with it
// is as if it had never been asked. Method: each bad post goes alone, with every table digested before and after, and
// then between two good ones in one group.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseCredits, parseMicroCredits } from '@fairmeter/domain';
import type { PostOutcome } from '../index.js';
import { newId } from '@fairmeter/platform/database';
import {
  AMOUNTS,
  ENDS,
  grants,
  KEYS,
  payerOf,
  REFERENCES,
  situation,
  startJob,
} from '../../../../test/harness/bad-posts.js';
import { LedgerDatabase } from '../../../../test/harness/ledger-database.js';
import { creditsOf, endOrder, T0, use } from '../../../../test/harness/orders.js';
import { auditLedger, describeAudit } from '../audit/audit.js';
import { JobRow } from '../rows/job.row.js';
import { LotRow } from '../rows/lot.row.js';

let db: LedgerDatabase;

beforeAll(async () => {
  // What is asked for together is one group, also where the machine takes its time over it.
  db = await LedgerDatabase.open({ lanes: 1, decideMs: 60_000 });
}, 60_000);

afterAll(async () => {
  const report = await auditLedger(db.writer);
  await db.close();
  if (!report.holds) throw new Error(describeAudit(report).join('\n'));
}, 60_000);

/** Every table of the ledger with all that stands in it. */
async function everything(): Promise<Record<string, { readonly rows: number; readonly digest: string }>> {
  const tables = await db.writer.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'ledger' ORDER BY 1`,
  );
  const found: Record<string, { rows: number; digest: string }> = {};
  for (const { name } of tables) {
    const [row] = await db.writer.query<{ rows: number; digest: string }>(
      `SELECT count(*)::int AS rows, coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') AS digest
       FROM ledger.${name} t`,
    );
    if (row === undefined) throw new Error('a count is always one row');
    found[name] = row;
  }
  expect(Object.keys(found)).toEqual(expect.arrayContaining(['scopes', 'entries', 'operations', 'hold_counters']));
  return found;
}

describe.each([
  ['amounts', AMOUNTS],
  ['references', REFERENCES],
  ['ends', ENDS],
  ['keys with another body', KEYS],
])('%s that cannot be', (_, all) => {
  it.each(all)('$what is refused by its code, and no row of any table is new or other', async ({ ask, refusal }) => {
    const at = await situation(db);
    const before = await everything();
    expect(await ask(at)).toMatchObject({ ok: false, refusal });
    expect(await everything()).toEqual(before);
  });

  it.each(all)('$what leaves its neighbours in the same commit as they are', async ({ ask, refusal }) => {
    const at = await situation(db);
    const sources = [newId('lot'), newId('lot')];
    const good = (index: number): Promise<PostOutcome<object>> =>
      grants({ sourceRef: sources[index] ?? '', amount: creditsOf('7') })(at);
    const before = await everything();
    const answers = await Promise.all([good(0), ask(at), good(1)]);
    expect(answers).toMatchObject([{ ok: true }, { ok: false, refusal }, { ok: true }]);
    const now = await everything();
    const grown = Object.keys(now).filter((table) => now[table]?.rows !== before[table]?.rows);
    expect(grown).toEqual(['entries', 'lots', 'operations', 'outbox']);
    for (const table of grown) expect(now[table]?.rows).toBe((before[table]?.rows ?? 0) + 2);
    const lots = await db.writer.query<{ open: string; commit: string }>({
      text: 'SELECT open::text, xmin::text AS commit FROM ledger.lots WHERE source_ref = ANY ($1)',
      values: [sources],
    });
    expect(lots.map((lot) => lot.open)).toEqual(['7000000', '7000000']);
    expect(new Set(lots.map((lot) => lot.commit)).size).toBe(1);
  });
});

describe('a charge above its hold', () => {
  it('[edge 21] takes the budget of its job and no more; neighbours are as they are', async () => {
    const at = await situation(db);
    const beside = await startJob(db, at.accountId);
    // 300 credits for a million input tokens: a hundred times the budget of 5.
    const order = endOrder(1, 1, { meters: use({ input: 1_666_667, calls: 1 }) });
    const payer = payerOf(at, at.running);
    const [ended, neighbour] = await Promise.all([
      db.jobs.endStep({ payer, tryKey: 'try', asOf: T0, order }),
      db.jobs.endStep({ payer: payerOf(at, beside), tryKey: 'try', asOf: T0, order: endOrder(1, 1) }),
    ]);
    expect(ended).toMatchObject({ ok: true, value: { result: { charge: '5000000' } } });
    expect(neighbour).toMatchObject({ ok: true, value: { result: { charge: '600000' } } });
    const jobs = db.entities.manager.getRepository(JobRow);
    expect(await jobs.findOneByOrFail({ id: at.running })).toMatchObject({
      charge: creditsOf('5'),
      writtenOff: creditsOf('495.0001'),
    });
    const lot = await db.entities.manager.getRepository(LotRow).findOneByOrFail({ id: at.lotId });
    // 100 less 0.6 and 0.1 back, less 5 and 0.6 now.
    expect(lot.open + lot.held).toBe(creditsOf('93.9'));
  });
});

describe('an amount that is not in its one form', () => {
  it.each(['-1', '+1', '01', '1.', '.5', '1e3', '1.0000001', ' 1', '1,5', '', '0x1', '9223372036854.775808', 'NaN'])(
    'is none at the door: %s',
    (text) => {
      expect(parseCredits(text)).toBeUndefined();
    },
  );

  it.each(['01', '-0', '1.0', '1e3', ' 1', '', '0x1', '9223372036854775808', '-9223372036854775808'])(
    'is none between workflow, activity and table: %s',
    (text) => {
      expect(() => parseMicroCredits(text)).toThrow(RangeError);
    },
  );
});
