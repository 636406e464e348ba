// Goal: files that are freed leave nothing behind and take nothing along that another job still has.
// Method: trees and contents of chosen ages, written to a real Postgres as the worker's login.
import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { instant } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import type { LedgerDatabase } from '../../../test/harness/ledger-database.js';
import { allOnOneLedger } from '../../../test/harness/own-account.js';
import { freeFiles, jobsWithFiles } from './workspace-sweep.js';
import type { WorkspaceOwner } from './workspaces.js';

const DAY = 86_400_000;
const NOW = instant(Date.now());
const daysAgo = (days: number) => instant(NOW - days * DAY);
const BEFORE = daysAgo(30);
const sha = (text: string): string => createHash('sha256').update(text).digest('hex');

let db: LedgerDatabase;
allOnOneLedger((opened) => {
  db = opened;
});

const someone = (): WorkspaceOwner => ({ accountId: newId('acc'), subject: newId('bot') });

/** As a step writes them: a content that is there already is young again. */
async function wrote(
  { accountId, subject }: WorkspaceOwner,
  texts: readonly string[],
  { days, jobId = newId('job') }: { readonly days: number; readonly jobId?: string },
): Promise<string> {
  const at = new Date(daysAgo(days));
  for (const text of texts) {
    await db.entities.manager.query(
      `INSERT INTO records.workspace_blobs (account_id, subject, sha256, body, bytes, created_at)
       VALUES ($1, $2, $3, $4, octet_length($4), $5)
       ON CONFLICT (account_id, subject, sha256) DO UPDATE SET created_at = $5`,
      [accountId, subject, sha(text), text, at],
    );
  }
  const entries = texts.map((text) => ({ path: text, sha256: sha(text), bytes: text.length }));
  await db.entities.manager.query(
    `INSERT INTO records.workspace_trees (account_id, subject, job_id, hash, entries, created_at)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [accountId, subject, jobId, sha(`${texts.join()} ${days}`), JSON.stringify(entries), at],
  );
  return jobId;
}

async function left({ accountId }: WorkspaceOwner): Promise<{ readonly trees: number; readonly texts: string[] }> {
  const { manager } = db.entities;
  const trees = await manager.query<object[]>('SELECT 1 FROM records.workspace_trees WHERE account_id = $1', [
    accountId,
  ]);
  const blobs = await manager.query<{ body: string }[]>(
    'SELECT body FROM records.workspace_blobs WHERE account_id = $1 ORDER BY body',
    [accountId],
  );
  return { trees: trees.length, texts: blobs.map(({ body }) => body) };
}

const free = async (...jobIds: readonly string[]): Promise<void> => freeFiles(db.entities.manager, jobIds, BEFORE);

describe('files that are freed', () => {
  it('take the contents along that no other job of the same subject lists', async () => {
    const owner = someone();
    const stranger = someone();
    const first = await wrote(owner, ['common', 'first alone'], { days: 50 });
    await wrote(owner, ['first alone', 'first later'], { days: 49, jobId: first });
    const second = await wrote(owner, ['common', 'second alone'], { days: 40 });
    const theirs = await wrote(stranger, ['common', 'first alone'], { days: 50 });
    await free(first);
    expect(await left(owner)).toEqual({ trees: 1, texts: ['common', 'second alone'] });
    expect(await left(stranger)).toEqual({ trees: 1, texts: ['common', 'first alone'] });
    await free(second, theirs);
    expect(await left(owner)).toEqual({ trees: 0, texts: [] });
    expect(await left(stranger)).toEqual({ trees: 0, texts: [] });
  });

  it('leave what a job at work wrote anew, and what a job wrote after its end until that is as old', async () => {
    const owner = someone();
    const old = await wrote(owner, ['common', 'old'], { days: 50 });
    await wrote(owner, ['common', 'late'], { days: 29, jobId: old });
    await free(old);
    expect(await left(owner)).toEqual({ trees: 1, texts: ['common', 'late'] });
    await freeFiles(db.entities.manager, [old], daysAgo(28));
    expect(await left(owner)).toEqual({ trees: 0, texts: [] });
  });

  it('are looked for among trees as old as they are: young ones of the same subject are not even read', async () => {
    const owner = someone();
    const old = await wrote(owner, ['old'], { days: 50 });
    // What no job does, listing what it did not write, shows which trees are read.
    await db.entities.manager.query(
      `INSERT INTO records.workspace_trees (account_id, subject, job_id, hash, entries)
       SELECT account_id, subject, $2, hash, entries FROM records.workspace_trees WHERE job_id = $1`,
      [old, newId('job')],
    );
    await free(old);
    expect(await left(owner)).toEqual({ trees: 1, texts: [] });
  });

  it('leave nothing behind where the last two jobs that list a content are freed at once', async () => {
    for (let time = 0; time < 20; time += 1) {
      const owner = someone();
      const one = await wrote(owner, ['common'], { days: 50 });
      const other = await wrote(owner, ['common'], { days: 40 });
      await Promise.all([free(one), free(other)]);
      expect(await left(owner)).toEqual({ trees: 0, texts: [] });
    }
  });
});

describe('jobs that have files', () => {
  it('come the oldest first, page by page, each once', async () => {
    const owner = someone();
    const jobs: string[] = [];
    for (const days of [400, 390, 390, 380]) jobs.push(await wrote(owner, [`of ${days}`], { days }));
    const [oldest = '', one = '', two = '', youngest = ''] = jobs;
    await wrote(owner, ['again'], { days: 370, jobId: oldest });
    const before = daysAgo(375);
    const seen: string[] = [];
    let after = null;
    for (;;) {
      const page = await jobsWithFiles(db.entities.manager, { before, after, most: 1 });
      const [job] = page;
      if (job === undefined) break;
      seen.push(job.jobId);
      after = job;
    }
    expect(seen).toEqual([oldest, ...[one, two].sort(), youngest]);
  });
});
