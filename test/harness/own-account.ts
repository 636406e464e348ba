// Test harness. What many suites of the ledger begin with: one ledger for all their tests, and an account for each
// where they want one.
import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { LedgerDatabase } from './ledger-database.js';

export interface OwnAccount {
  readonly db: LedgerDatabase;
  readonly accountId: string;
}

/** To be called where a suite begins; `give` hears of the ledger before the first test. */
export function allOnOneLedger(give: (db: LedgerDatabase) => void): void {
  let db: LedgerDatabase;
  beforeAll(async () => {
    db = await LedgerDatabase.open();
    give(db);
  }, 60_000);
  afterAll(async () => {
    await db.close();
  }, 60_000);
}

/** To be called where a suite begins; `give` hears of the ledger, and of an account with credits, before each test. */
export function eachOnItsOwnAccount(credits: string, give: (own: OwnAccount) => void): void {
  let db: LedgerDatabase;
  allOnOneLedger((opened) => {
    db = opened;
  });
  beforeEach(async () => {
    give({ db, accountId: await db.account(credits) });
  }, 60_000);
}
