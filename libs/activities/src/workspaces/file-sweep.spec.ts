// Goal: every file that is over is freed in the end, whatever lies before it.
// Method: jobs of a real ledger with the files of a step, looked at a month later.
import { describe, expect, it } from '@jest/globals';
import { instant } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import { saveTree } from '@fairmeter/records';
import type { LedgerDatabase } from '../../../../test/harness/ledger-database.js';
import { botTerms } from '../../../../test/harness/orders.js';
import { allOnOneLedger } from '../../../../test/harness/own-account.js';
import { playJob } from '../../../../test/harness/played-jobs.js';
import { sweepFiles } from './file-sweep.js';

const DAY = 86_400_000;
const HASH = 'a'.repeat(64);

let db: LedgerDatabase;
allOnOneLedger((opened) => {
  db = opened;
});

async function withFiles(accountId: string, jobId: string): Promise<string> {
  const entries = [{ path: 'a.ts', sha256: HASH, bytes: 1 }];
  const newBodies = new Map([[HASH, 'a']]);
  await saveTree(db.entities.manager, { accountId, subject: newId('bot'), jobId, hash: HASH, entries, newBodies });
  return jobId;
}

async function job(accountId: string, endedMsAgo: number | null): Promise<string> {
  const settles = endedMsAgo !== null;
  const played = await playJob(db.jobs, { bot: botTerms({ accountId }), steps: [], settles });
  if (played === null) throw new Error('the job was not admitted');
  if (settles) {
    const at = new Date(Date.now() - endedMsAgo);
    await db.entities.manager.query('UPDATE ledger.jobs SET ended_at = $2 WHERE id = $1', [played.jobId, at]);
  }
  return withFiles(accountId, played.jobId);
}

async function kept(): Promise<string[]> {
  const rows = await db.entities.manager.query<{ job_id: string }[]>(
    'SELECT job_id FROM records.workspace_trees ORDER BY job_id',
  );
  return rows.map((row) => row.job_id);
}

async function sweepAll(now: number, most: number): Promise<number[]> {
  const freed: number[] = [];
  do freed.push(await sweepFiles(db.entities.manager, instant(now), most));
  while (freed.at(-1) !== 0);
  return freed;
}

describe('the sweep of files', () => {
  it('passes over jobs that are not over, frees what lies behind them, and what is of no job', async () => {
    const accountId = await db.account('1000');
    const now = Date.now();
    const [open, late, alsoOpen] = [await job(accountId, null), await job(accountId, -DAY), await job(accountId, null)];
    const over = [await job(accountId, 0), await withFiles(accountId, newId('job')), await job(accountId, 0)];
    const open2 = await job(accountId, null);
    expect((await kept()).length).toBe(7);
    const freed = await sweepAll(now + 30 * DAY + DAY / 2, 2);
    expect(freed.reduce((sum, count) => sum + count, 0)).toBe(over.length);
    expect(await kept()).toEqual([open, late, alsoOpen, open2].sort());
    expect(await sweepAll(now + 32 * DAY, 100)).toEqual([1, 0]);
    expect(await kept()).toEqual([open, alsoOpen, open2].sort());
  });
});
