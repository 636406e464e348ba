// Goal: a line of the audit is written by its own tenant alone and altered by nobody. Method: the roles as they log in.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Tenant } from '@fairmeter/platform/database';
import { newId, TenantDatabase, withClient } from '@fairmeter/platform/database';
import { LedgerDatabase } from '../../../test/harness/ledger-database.js';
import type { AuditEvent } from './audit.js';
import { writeAudit } from './audit.js';
import { recordsEntities } from './rows/index.js';

let db: LedgerDatabase;
let reader: TenantDatabase;

beforeAll(async () => {
  db = await LedgerDatabase.open();
  reader = await TenantDatabase.open({
    url: db.database.readerUrl,
    maxConnections: 1,
    entities: recordsEntities,
    applicationName: 'test-reader',
  });
}, 60_000);

afterAll(async () => {
  await reader.close();
  await db.close();
}, 60_000);

const tenant = (): Tenant => ({ accountId: newId('acc'), subject: newId('usr') });

const eventOf = ({ accountId, subject }: Tenant): AuditEvent => ({
  accountId,
  actor: { role: 'owner', id: subject },
  action: 'bot.archived',
  targetId: newId('bot'),
  before: { status: 'private' },
  after: { status: 'archived' },
  reason: { subject, text: 'Nobody uses it' },
});

const linesOf = async (who: Tenant): Promise<unknown[]> =>
  reader.asTenant(who, async (tx) =>
    tx.query(
      `SELECT a.account_id, a.actor_role, a.actor_id, a.action, a.before, a.after, t.body AS reason, current_user AS who
       FROM records.audit a JOIN records.texts t ON t.id = a.reason_ref`,
    ),
  );

describe('the audit', () => {
  it('[F26] keeps who, what, why, before and after, and shows it to its own tenant alone', async () => {
    const [mine, other] = [tenant(), tenant()];
    const event = eventOf(mine);
    await reader.asTenant(mine, async (tx) => writeAudit(tx, event));
    expect(await linesOf(mine)).toEqual([
      {
        account_id: mine.accountId,
        actor_role: 'owner',
        actor_id: mine.subject,
        action: 'bot.archived',
        before: { status: 'private' },
        after: { status: 'archived' },
        reason: 'Nobody uses it',
        who: 'fm_reader',
      },
    ]);
    expect(await linesOf(other)).toEqual([]);
    await expect(reader.asTenant(other, async (tx) => writeAudit(tx, event))).rejects.toThrow(/row-level security/);
  });

  it.each(['UPDATE records.audit SET action = action', 'DELETE FROM records.audit', 'TRUNCATE records.audit'])(
    '[F26] refuses `%s` of every role',
    async (statement) => {
      const who = tenant();
      await reader.asTenant(who, async (tx) => writeAudit(tx, eventOf(who)));
      const { readerUrl, writerUrl, ownerUrl } = db.database;
      for (const [url, why] of [
        [readerUrl, /permission denied/],
        [writerUrl, /permission denied/],
        [ownerUrl, /only ever appended/],
      ] as const) {
        await expect(withClient(url, async (client) => client.query(statement))).rejects.toThrow(why);
      }
    },
  );
});
