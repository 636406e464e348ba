// Goal: the names of a job's files are seen by nobody but their own tenant, and their contents not at all from here.
// Method: the reader logs in as it does in production.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, TenantDatabase } from '@fairmeter/platform/database';
import { LedgerDatabase } from '../../../test/harness/ledger-database.js';
import { recordsEntities } from './rows/index.js';
import { listFiles } from './workspace-files.js';
import { saveTree } from './workspaces.js';

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
});

afterAll(async () => {
  await reader.close();
  await db.close();
});

describe('the files of a job', () => {
  const sha256 = 'a'.repeat(64);
  const hash = 'b'.repeat(64);
  const entries = [{ path: 'src/a.ts', sha256, bytes: 3 }];

  it('are listed to their own tenant, without their contents', async () => {
    const ours = { accountId: newId('acc'), subject: newId('bot') };
    const theirs = { accountId: newId('acc'), subject: newId('bot') };
    const jobId = newId('job');
    const newBodies = new Map([[sha256, 'abc']]);
    await saveTree(db.entities.manager, { ...ours, jobId, hash, entries, newBodies });
    expect(await reader.asTenant(ours, async (tx) => listFiles(tx, { jobId, hash }))).toEqual(entries);
    expect(await reader.asTenant(theirs, async (tx) => listFiles(tx, { jobId, hash }))).toBeNull();
    expect(await reader.asTenant(ours, async (tx) => listFiles(tx, { jobId, hash: 'c'.repeat(64) }))).toBeNull();
    const contents = reader.asTenant(ours, async (tx) => {
      await tx.query('SELECT body FROM records.workspace_blobs');
    });
    await expect(contents).rejects.toMatchObject({ code: '42501' });
  });
});
