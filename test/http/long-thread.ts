// HTTP suites. A thread with more jobs than anybody plays one by one: copies of its latest, which go away afterwards.
import { withClient } from '@fairmeter/platform/database';
import type { Played } from '../harness/played-jobs.js';
import type { TestStack } from '../harness/test-stack.js';

/** Each has the attempts of that job; their ids come before its own. */
export async function withCopies(
  { database }: TestStack,
  { of: { jobId }, count }: { readonly of: Played; readonly count: number },
  work: () => Promise<void>,
): Promise<void> {
  const id = `'job_0' || lpad(n::text, 6, '0')`;
  const copy = (table: string, set: string, ofJob: string): string => `INSERT INTO ledger.${table}
    SELECT (jsonb_populate_record(t, jsonb_build_object(${set}))).*
    FROM ledger.${table} t, generate_series(1, ${count}) n WHERE ${ofJob} = '${jobId}'`;
  await withClient(database.adminUrl, async (client) => {
    await client.query(`SET session_replication_role = 'replica'`);
    await client.query(copy('jobs', `'id', ${id}, 'key_hash', ${id}`, 'id'));
    await client.query(copy('attempts', `'job_id', ${id}`, 'job_id'));
    try {
      await work();
    } finally {
      for (const [table, column] of [
        ['attempts', 'job_id'],
        ['jobs', 'id'],
      ] as const)
        await client.query(`DELETE FROM ledger.${table} WHERE ${column} LIKE 'job\\_0______'`);
    }
  });
}
