// Bench room, the ledger. Gives an account a past of any length at once: entries and operations as years of holding and
// capturing would have left them, numbered and summed so that the auditor finds nothing.
import { accountScope } from '@fairmeter/domain';
import { withClient } from '@fairmeter/platform/database';
import type { BenchDatabase } from './bench-postgres.js';

const CHUNK = 500_000;

/** Writes one entry for the grant and then pairs of hold and capture, a micro-credit each; answers how many entries. */
export async function writePast(database: BenchDatabase, account: string, entries: number): Promise<number> {
  const scope = accountScope(account);
  const lot = `lot_of_${account}`;
  const pairs = Math.floor(entries / 2);
  const last = 2 * pairs + 1;
  await withClient(database.adminUrl, async (admin) => {
    // The rows refer to each other as they should; asking for each of them would take longer than writing them.
    await admin.query("SET session_replication_role = 'replica'");
    await admin.query(SCOPE, [scope, account, last, last]);
    await admin.query(LOT, [lot, scope, account, GRANTED, String(BigInt(GRANTED) - BigInt(pairs))]);
    for (let from = 1; from <= last; from += CHUNK) {
      const chunk = [from, Math.min(last, from + CHUNK - 1), scope, account];
      await admin.query(OPERATIONS, chunk);
      await admin.query(ENTRIES, [...chunk, lot, GRANTED]);
    }
    await admin.query('VACUUM (ANALYZE) ledger.entries, ledger.operations, ledger.lots, ledger.scopes');
    await admin.query('CHECKPOINT');
  });
  return last;
}

const GRANTED = '1000000000000000';
/** A millisecond after the other, long ago. */
const AT = (number: string): string => `timestamptz '2025-01-01 00:00:00Z' + ${number} * interval '1 millisecond'`;
const KEY = `CASE WHEN n = 1 THEN $3::text || ':past' ELSE
  'job_past' || lpad((n / 2)::text, 18, '0') || CASE n % 2 WHEN 0 THEN ':hold' ELSE ':capture' END END`;

const SCOPE = `INSERT INTO ledger.scopes (id, account_id, entry_seq, last_effective_at)
  VALUES ($1, $2, $3, ${AT('$4::bigint')})`;

const LOT = `INSERT INTO ledger.lots (id, scope_id, account_id, kind, granted, open, held, valid_from, source_ref,
    opened_seq, alive)
  VALUES ($1, $2, $3, 'subscription', $4, $5, 0, ${AT('0')}, 'past', 1, true)`;

const OPERATIONS = `INSERT INTO ledger.operations (key, scope_id, account_id, verb, body_hash, body, result,
    effective_at)
  SELECT ${KEY}, $3, $4, 'past', repeat('0', 64), '{"target": "5000000"}', '{"held": "5000000"}', ${AT('n')}
  FROM generate_series($1::bigint, $2::bigint) n`;

const ENTRIES = `INSERT INTO ledger.entries (scope_id, scope_seq, account_id, operation_key, from_account, to_account,
    amount, lot_id, lot_open_after, lot_held_after, job_id, effective_at)
  SELECT $3, n, $4, ${KEY},
    CASE WHEN n = 1 THEN 'issued:subscription' WHEN n % 2 = 0 THEN 'lot:' || $5 || ':open'
      ELSE 'lot:' || $5 || ':held' END,
    CASE WHEN n = 1 THEN 'lot:' || $5 || ':open' WHEN n % 2 = 0 THEN 'lot:' || $5 || ':held'
      ELSE 'consumed:' || $3 END,
    CASE WHEN n = 1 THEN $6::bigint ELSE 1 END, $5, $6::bigint - n / 2,
    CASE WHEN n > 1 AND n % 2 = 0 THEN 1 ELSE 0 END,
    CASE WHEN n > 1 THEN 'job_past' || lpad((n / 2)::text, 18, '0') END, ${AT('n')}
  FROM generate_series($1::bigint, $2::bigint) n`;
