// Records room. What somebody who is no owner of an account any more has left open to it: keys that the person may hold
// still, invitations and offers of bots that others may accept. All of it ends with the role.
import type { EntityManager } from 'typeorm';
import type { AuditEvent } from './audit.js';

/** As the audit tells it, but for who did it and by which request. */
export type Ended = Pick<AuditEvent, 'accountId' | 'action' | 'targetId' | 'before' | 'after'>;

interface EndedRow {
  readonly account_id: string;
  readonly target_id: string;
}

/** Whoever was shown the secret of a key may hold it still, and those of the keys that it handed out. */
const SHOWN = `WITH RECURSIVE shown (id) AS (
  SELECT $1
  UNION
  SELECT a.target_id FROM records.audit a JOIN shown s ON a.actor_id = s.id
  WHERE a.account_id = ANY ($2) AND a.action = 'key.made'
)`;

const KEYS = `${SHOWN}
UPDATE records.api_keys SET revoked_at = clock_timestamp()
WHERE account_id = ANY ($2) AND revoked_at IS NULL AND id IN (SELECT id FROM shown)
RETURNING account_id, id AS target_id`;

const INVITATIONS = `
UPDATE records.invitations SET ended_at = clock_timestamp(), email = NULL
WHERE account_id = ANY ($2) AND ended_at IS NULL AND invited_by = $1 RETURNING account_id, id AS target_id`;

const OFFERS = `${SHOWN}
UPDATE records.bot_transfers SET state = 'withdrawn', ended_by = $1, ended_at = clock_timestamp()
WHERE from_account = ANY ($2) AND state = 'offered' AND offered_by IN (SELECT id FROM shown)
RETURNING from_account AS account_id, bot_id AS target_id`;

/** Answers with what was open until now. */
export async function endLeftOpen(
  tx: EntityManager,
  userId: string,
  accountIds: readonly string[],
): Promise<readonly Ended[]> {
  const end = async (statement: string, line: Omit<Ended, 'accountId' | 'targetId'>): Promise<Ended[]> => {
    const [rows] = await tx.query<[EndedRow[], number]>(statement, [userId, accountIds]);
    return rows.map((row) => ({ accountId: row.account_id, targetId: row.target_id, ...line }));
  };
  return [
    ...(await end(KEYS, { action: 'key.revoked', before: { revoked: false }, after: { revoked: true } })),
    ...(await end(INVITATIONS, { action: 'invitation.withdrawn', before: null, after: null })),
    ...(await end(OFFERS, {
      action: 'bot.offer_withdrawn',
      before: { state: 'offered' },
      after: { state: 'withdrawn' },
    })),
  ];
}
