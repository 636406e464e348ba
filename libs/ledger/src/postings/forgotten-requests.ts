// Ledger room. What the ledger forgets of somebody who is erased, a visitor or a person: by which hash a request could
// be known again. The figures stay as they are, and so does the job.
import type { EntityManager } from 'typeorm';

/** Another random word for each, so that no guess can be compared with it. Asked again it is another one still. */
export async function forgetRequests(tx: EntityManager, requesterId: string): Promise<void> {
  await tx.query(
    `UPDATE ledger.jobs SET body_hash = encode(sha256(convert_to(gen_random_uuid()::text, 'UTF8')), 'hex')
     WHERE requester_kind IN ('visitor', 'person') AND requester_id = $1 AND ended_at IS NOT NULL`,
    [requesterId],
  );
}
