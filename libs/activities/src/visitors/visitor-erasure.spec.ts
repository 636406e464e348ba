// Goal: what it takes to forget a visitor is as much as there is of that visitor, however much there is of others, and
// nothing is written over twice. Method: one visitor among a hundred, and Postgres's own count of the rows it read.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ErasureInput } from '@fairmeter/contracts';
import { newId, withClient, type EntityManager } from '@fairmeter/platform/database';
import { LedgerDatabase } from '../../../../test/harness/ledger-database.js';
import { admitOrder, botTerms, creditsOf, T0 } from '../../../../test/harness/orders.js';
import { VisitorErasureActivities } from './visitor-erasure.activities.js';

const OTHERS = 3_000;
/** One more than go in one turn. */
const OWN_TEXTS = 501;
const WALKED = ['texts', 'workspace_trees', 'workspace_blobs', 'artefacts', 'unpacked_jobs', 'visitor_jobs', 'jobs'];
const ID = `v || '/' || n`;
const HASH = `encode(sha256((${ID})::bytea), 'hex')`;
const NO_FILES = `'{"reason": "not_held"}'::jsonb`;
/** Rows numbered `n` of the visitor `v`, in the account `$3`. */
const FILLED: readonly string[] = [
  `records.texts (id, account_id, subject, purpose, body, bytes) SELECT ${ID}, $3, v, 'answer', 'w', 1`,
  `records.workspace_trees (job_id, hash, account_id, subject, entries) SELECT ${ID}, ${HASH}, $3, v, '[]'::jsonb`,
  `records.workspace_blobs (account_id, subject, sha256, body, bytes) SELECT $3, v, ${HASH}, 'w', 1`,
  `records.unpacked_jobs (job_id, account_id, subject, why) SELECT ${ID}, $3, v, ${NO_FILES}`,
  `records.visitor_jobs (key_hash, account_id, bot_id, visitor_id) SELECT ${ID}, $3, 'bot_' || $3, v`,
  `records.artefacts (id, job_id, account_id, subject, files, bytes, sha256, body, created_at, expires_at)
   SELECT ${ID}, ${ID}, $3, v, 1, 1, ${HASH}, '\\x00'::bytea, now(), now() + interval '1 day'`,
];

let db: LedgerDatabase;
let accountId: string;
const own = 'vis_own';
const others = Array.from({ length: 100 }, (_, index) => `vis_other_${index}`);

async function openRows(): Promise<void> {
  const { manager } = db.entities;
  await manager.query(
    `INSERT INTO records.accounts (id, name, status, time_zone, plan_id)
     VALUES ($1, 'A', 'active', 'UTC', 'plan_free')`,
    [accountId],
  );
  await manager.query(
    `INSERT INTO records.bots (id, account_id, type, name, default_model, default_max_iterations, default_max_credits)
     VALUES ('bot_' || $1, $1, 'chat', 'B', 'demo-chat', 1, 1000000)`,
    [accountId],
  );
  await manager.query(
    `INSERT INTO records.visitors (id, account_id, bot_id, pseudonym, deleted_at)
     SELECT v, $1, 'bot_' || $1, v, CASE v WHEN $3 THEN now() END FROM unnest($2::text[]) v`,
    [accountId, [own, ...others], own],
  );
  for (const [visitors, each] of [
    [others, OTHERS / others.length],
    [[own], 1],
  ] as const) {
    for (const table of FILLED) {
      const sql = `INSERT INTO ${table} FROM unnest($1::text[]) v, generate_series(1, $2::int) n`;
      await manager.query(sql, [visitors, each, accountId]);
    }
  }
  await manager.query(
    `INSERT INTO records.texts (id, account_id, subject, purpose, body, bytes)
     SELECT 'more/' || n, $1, $2, 'answer', 'w', 1 FROM generate_series(2, $3::int) n`,
    [accountId, own, OWN_TEXTS],
  );
}

/** One job of the visitor has ended, and as many of others as there is else of them. */
async function endJobs(): Promise<void> {
  const jobId = newId('job');
  const requester = { kind: 'visitor', id: own } as const;
  const order = admitOrder(jobId, { bot: botTerms({ accountId, botId: `bot_${accountId}` }), requester });
  const admitted = await db.jobs.admit(accountId, T0, order);
  if (!admitted.ok) throw new Error(admitted.refusal.code);
  const settled = { state: 'completed', reason: 'finished', minimumCharge: creditsOf('0.1') } as const;
  await db.jobs.settle({ accountId, jobId }, T0, settled);
  await db.entities.manager.query(
    `INSERT INTO ledger.jobs SELECT other.* FROM ledger.jobs j, generate_series(1, $2::int) n,
       LATERAL jsonb_populate_record(j, jsonb_build_object('id', j.id || n, 'key_hash', j.key_hash || n,
         'requester_id', 'vis_other_' || (n % 100))) AS other WHERE j.id = $1`,
    [jobId, OTHERS],
  );
}

beforeAll(async () => {
  db = await LedgerDatabase.open();
  accountId = await db.account('10');
  await openRows();
  await endJobs();
  await withClient(db.database.adminUrl, async (admin) => admin.query('ANALYZE'));
}, 60_000);
afterAll(async () => {
  await db.close();
}, 60_000);

/** Since the connection last told of them: rows of these tables that were read one after the other. */
async function walked(tx: EntityManager): Promise<Readonly<Record<string, number>>> {
  const rows = await tx.query<{ table: string; walked: number }[]>(
    `SELECT relname AS table, seq_tup_read::int AS walked FROM pg_stat_xact_user_tables
     WHERE schemaname IN ('ledger', 'records') AND relname = ANY ($1) ORDER BY 1`,
    [WALKED],
  );
  return Object.fromEntries(rows.map(({ table, walked: count }) => [table, count]));
}

async function hashes(tx: EntityManager, whose: 'own' | 'others'): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ body_hash: string }[]>(
    'SELECT DISTINCT body_hash FROM ledger.jobs WHERE (requester_id = $1) = $2',
    [own, whose === 'own'],
  );
  return new Set(rows.map((row) => row.body_hash));
}

describe('the words of a visitor', () => {
  it('[edge 66] go some at a time, with no row of others looked at, and each job is forgotten once', async () => {
    const input: ErasureInput = {
      visitorId: own,
      accountId,
      botId: `bot_${accountId}`,
      actor: { role: 'owner', id: 'usr_owner' },
      requestId: 'req_erasure',
    };
    await db.entities.transaction(async (tx) => {
      const entities = { manager: tx, transaction: async <T>(work: (one: EntityManager) => Promise<T>) => work(tx) };
      const erasure = new VisitorErasureActivities({ entities, lots: db.grants });
      const before = await walked(tx);
      expect(Object.keys(before)).toEqual([...WALKED].sort());
      const turns = [await erasure.eraseWordsOfVisitor(input), await erasure.eraseWordsOfVisitor(input)];
      const read = await walked(tx);
      expect([turns, read]).toEqual([[true, true], before]);
      expect(await hashes(tx, 'own')).toEqual(new Set(['body']));
      const seen = await walked(tx);
      expect(await erasure.eraseWordsOfVisitor(input)).toBe(false);
      expect(await walked(tx)).toEqual(seen);
      expect([...(await hashes(tx, 'own'))]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
      expect(await hashes(tx, 'others')).toEqual(new Set(['body']));
      const left = await tx.query<unknown[]>(
        `SELECT subject FROM records.texts WHERE subject = $1 UNION ALL
         SELECT subject FROM records.workspace_trees WHERE subject = $1 UNION ALL
         SELECT subject FROM records.workspace_blobs WHERE subject = $1 UNION ALL
         SELECT subject FROM records.artefacts WHERE subject = $1`,
        [own],
      );
      expect(left).toEqual([]);
      const [kept] = await tx.query<{ count: number }[]>('SELECT count(*)::int AS count FROM records.texts');
      expect(kept?.count).toBe(OTHERS);
    });
  }, 30_000);
});
