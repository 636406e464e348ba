// Goal: the names and the contents of a job's files are seen by nobody but their own tenant.
// Method: the reader logs in as it does in production.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, TenantDatabase } from '@fairmeter/platform/database';
import { LedgerDatabase } from '../../../test/harness/ledger-database.js';
import { recordsEntities } from './rows/index.js';
import { findFile, listFiles } from './workspace-files.js';
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
}, 60_000);

afterAll(async () => {
  await reader.close();
  await db.close();
}, 60_000);

describe('the files of a job', () => {
  const sha256 = 'a'.repeat(64);
  const hash = 'b'.repeat(64);
  const entries = [{ path: 'src/a.ts', sha256, bytes: 3 }];

  it('are listed and read by their own tenant alone', async () => {
    const ours = { accountId: newId('acc'), subject: newId('bot') };
    const theirs = { accountId: newId('acc'), subject: newId('bot') };
    const jobId = newId('job');
    const newBodies = new Map([[sha256, 'abc']]);
    await saveTree(db.entities.manager, { ...ours, jobId, hash, entries, newBodies });
    expect(await reader.asTenant(ours, async (tx) => listFiles(tx, { jobId, hash }))).toEqual(entries);
    expect(await reader.asTenant(theirs, async (tx) => listFiles(tx, { jobId, hash }))).toBeNull();
    expect(await reader.asTenant(ours, async (tx) => listFiles(tx, { jobId, hash: 'c'.repeat(64) }))).toBeNull();
    const find = async (as: typeof ours, path: string, known: string | null = null): ReturnType<typeof findFile> =>
      reader.asTenant(as, async (tx) => findFile(tx, { jobId, hash, path }, known));
    expect(await find(ours, 'src/a.ts')).toEqual({ sha256, bytes: 3, body: 'abc' });
    expect(await find(ours, 'src/a.ts', sha256)).toEqual({ sha256, bytes: 3, body: null });
    expect(await find(ours, 'src/b.ts')).toBe('no_such_file');
    expect(await find(theirs, 'src/a.ts')).toBeNull();
    const seen = reader.asTenant(theirs, async (tx) => tx.query<object[]>('SELECT body FROM records.workspace_blobs'));
    expect(await seen).toEqual([]);
    const changed = reader.asTenant(ours, async (tx) => tx.query<object[]>('DELETE FROM records.workspace_blobs'));
    await expect(changed).rejects.toMatchObject({ code: '42501' });
  });
});
