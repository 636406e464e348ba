// Goal: loops that a person has to look at are found without asking the whole past each time, and none is overlooked.
// Method: findings of a real ledger, new ones, late ones and old ones, and a clock that is set by hand.
import { instant } from '@fairmeter/domain';
import { describe, expect, it } from '@jest/globals';
import type { LedgerDatabase } from '../../../../test/harness/ledger-database.js';
import { botTerms } from '../../../../test/harness/orders.js';
import { allOnOneLedger } from '../../../../test/harness/own-account.js';
import { playJob } from '../../../../test/harness/played-jobs.js';
import { PlatformReviews } from './platform-reviews.js';

const HOUR = 3_600_000;
const NOON = Date.UTC(2027, 5, 1, 12);

let db: LedgerDatabase;
allOnOneLedger((opened) => {
  db = opened;
});

/** Answers the scope of a job whose loop was found at that instant. */
async function looped(foundAt: number): Promise<string> {
  const accountId = await db.account('100');
  const played = await playJob(db.jobs, { bot: botTerms({ accountId }), steps: [], asOf: instant(foundAt) });
  if (played === null) throw new Error('the job was not admitted');
  const scopeId = `account/${accountId}`;
  const { manager } = db.entities;
  await manager.query(
    `INSERT INTO records.accounts (id, name, status, time_zone, plan_id)
     VALUES ($1, 'Test', 'active', 'UTC', 'plan_free')`,
    [accountId],
  );
  await manager.query(
    `INSERT INTO ledger.loop_findings (job_id, number, scope_id, account_id, signal, cause, action, found_at_step,
       amount, evidence, found_at)
     VALUES ($1, 1, $2, $3, 'equal_errors', 'unclear', 'review', 4, 300000, '{}', $4)`,
    [played.jobId, scopeId, accountId, new Date(foundAt)],
  );
  return scopeId;
}

describe('loops that await a person', () => {
  it('are all found while any is left, then those of lately, and all of them again each hour', async () => {
    let now = NOON;
    const reviews = new PlatformReviews(db.entities, { now: () => now });
    const months = await looped(NOON - 2_000 * HOUR);
    expect(await reviews.scopesAwaiting(null)).toEqual([months]);
    expect(await reviews.scopesAwaiting(['account/other'])).toEqual([]);
    // As long as one is left, nobody knows how many more there are.
    expect(await reviews.scopesAwaiting([months])).toEqual([months]);
    expect(await reviews.openIn(months)).toHaveLength(1);
    expect([await reviews.scopesAwaiting(null), await reviews.openIn(months)]).toEqual([[], []]);
    const fresh = await looped(NOON + 1);
    const delayed = await looped(NOON - 23 * HOUR);
    const late = await looped(NOON - 25 * HOUR);
    now += HOUR - 1;
    expect([...(await reviews.scopesAwaiting(null))].sort()).toEqual([fresh, delayed].sort());
    expect(await reviews.scopesAwaiting([late, fresh])).toEqual([fresh]);
    now += 1;
    expect([...(await reviews.scopesAwaiting(null))].sort()).toEqual([fresh, delayed, late].sort());
    for (const scope of [fresh, delayed, late]) await reviews.openIn(scope);
    // Who looks at one account sees to all of them where it is time; then it is lately alone once more.
    expect(await reviews.scopesAwaiting(['account/other'])).toEqual([]);
    await looped(now - 25 * HOUR);
    expect(await reviews.scopesAwaiting(null)).toEqual([]);
  });
});
