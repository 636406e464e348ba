// Test harness. What many suites of the ledger begin with: one ledger for all their tests, and an account for each.
import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { LedgerDatabase } from './ledger-database.js';

export interface OwnAccount {
  readonly db: LedgerDatabase;
  readonly accountId: string;
}

/** To be called where a suite begins; `give` hears of the ledger, and of an account with credits, before each test. */
export function eachOnItsOwnAccount(credits: string, give: (own: OwnAccount) => void): void {
  let db: LedgerDatabase;
  beforeAll(async () => {
    db = await LedgerDatabase.open();
  }, 60_000);
  afterAll(async () => {
    await db.close();
  }, 60_000);
  beforeEach(async () => {
    give({ db, accountId: await db.account(credits) });
  }, 60_000);
}
