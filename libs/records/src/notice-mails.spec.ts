// Goal: a mail goes to whoever is still to be told when it leaves. Method: what was announced, as the mailer takes it.
import { describe, expect, it } from '@jest/globals';
import { instant } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import type { LedgerDatabase } from '../../../test/harness/ledger-database.js';
import { allOnOneLedger } from '../../../test/harness/own-account.js';
import { announce } from './announcements.js';
import { noteMailSent, takeDueMail } from './notice-mails.js';

let db: LedgerDatabase;

allOnOneLedger((opened) => {
  db = opened;
});

const run = async (sql: string, ...values: unknown[]): Promise<void> => {
  await db.entities.manager.query(sql, values);
};

async function openAccount(): Promise<string> {
  const id = newId('acc');
  await run(
    `INSERT INTO records.accounts (id, name, status, time_zone, plan_id)
     VALUES ($1, 'A', 'active', 'UTC', 'plan_free')`,
    id,
  );
  return id;
}

/** To whom the one mail that is due would go. */
async function addressOf(accountId: string, userId: string): Promise<string | null | undefined> {
  return db.entities.transaction(async (tx) => {
    const facts = { case_id: 'cas_1', state: 'analysing' };
    const mailTo = { to: 'person', userId } as const;
    await announce(tx, { accountId, visitor: null, type: 'review.changed', about: 'cas_1', facts, mailTo });
    const due = await takeDueMail(tx, instant(Date.now() + 60_000));
    if (due !== null) await noteMailSent(tx, due.id);
    return due?.address;
  });
}

describe('a mail to somebody of an account', () => {
  it('[E24] goes to nobody who was removed from it, and to others of it as before', async () => {
    const [accountId, other] = [await openAccount(), await openAccount()];
    const [userId, email] = [newId('usr'), `${newId('usr')}@example.test`];
    await run(`INSERT INTO records.users (id, issuer, subject, email) VALUES ($1, 'issuer', $1, $2)`, userId, email);
    for (const account of [accountId, other]) {
      await run(
        `INSERT INTO records.memberships (account_id, user_id, role) VALUES ($1, $2, 'member')`,
        account,
        userId,
      );
    }
    expect(await addressOf(accountId, userId)).toBe(email);
    await run('UPDATE records.memberships SET removed_at = clock_timestamp() WHERE account_id = $1', accountId);
    expect(await addressOf(accountId, userId)).toBeNull();
    expect(await addressOf(other, userId)).toBe(email);
  });
});
