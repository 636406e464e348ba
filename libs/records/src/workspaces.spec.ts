// Goal: the files of a job are stored once and by reference, seen by no other tenant, and can be erased for one
// subject.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { instant } from '@fairmeter/domain';
import { newId, TenantDatabase, withClient } from '@fairmeter/platform/database';
import { LedgerDatabase } from '../../../test/harness/ledger-database.js';
import {
  ARTEFACT_DAYS,
  artefactExpiry,
  findArtefact,
  readArtefactBody,
  saveArtefact,
  sweepArtefacts,
} from './artefacts.js';
import { recordsEntities } from './rows/index.js';
import { saveText } from './texts.js';
import { eraseWorkspaces, loadTree, saveTree, type StoredEntry, type TreeToSave } from './workspaces.js';

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

const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
const owner = (): { accountId: string; subject: string } => ({ accountId: newId('acc'), subject: newId('bot') });

function treeOf(files: Readonly<Record<string, string>>, of: Partial<TreeToSave> = {}): TreeToSave {
  const entries: StoredEntry[] = Object.entries(files).map(([path, body]) => ({
    path,
    sha256: sha(body),
    bytes: Buffer.byteLength(body),
  }));
  const hash = sha(JSON.stringify(entries));
  const newBodies = new Map(Object.values(files).map((body) => [sha(body), body]));
  return { ...owner(), jobId: newId('job'), hash, entries, newBodies, ...of };
}

const count = async (table: string, accountId: string): Promise<number> => {
  const [row] = await db.entities.manager.query<{ n: number }[]>(
    `SELECT count(*)::int AS n FROM records.${table} WHERE account_id = $1`,
    [accountId],
  );
  return row?.n ?? 0;
};

describe('trees', () => {
  it('come back as they were written, in any script, and a repeated step writes nothing twice', async () => {
    const files = { 'a.ts': 'Zähle 数える 👩‍💻\n\ttab "quoted" \\ ', 'b/c.txt': '', 'd.md': "it's\r\n" };
    const tree = treeOf(files);
    await saveTree(db.entities.manager, tree);
    await saveTree(db.entities.manager, tree);
    const loaded = await loadTree(db.entities.manager, tree);
    expect(loaded?.entries).toEqual(tree.entries);
    expect(loaded?.bodies).toEqual(tree.newBodies);
    expect([await count('workspace_trees', tree.accountId), await count('workspace_blobs', tree.accountId)]).toEqual([
      1, 3,
    ]);
  });

  it('of 500 files of which one changed write one content, in one statement', async () => {
    const files = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`src/f${index}.ts`, `file ${index}`]));
    const first = treeOf(files);
    await saveTree(db.entities.manager, first);
    const changed = treeOf({ ...files, 'src/f7.ts': 'changed' }, { ...first, newBodies: new Map() });
    const second = {
      ...changed,
      entries: treeOf({ ...files, 'src/f7.ts': 'changed' }).entries,
      hash: sha('second'),
      newBodies: new Map([[sha('changed'), 'changed']]),
    };
    const asked: string[] = [];
    const { manager } = db.entities;
    const counting = { query: (sql: string, values: unknown[]) => (asked.push(sql), manager.query(sql, values)) };
    await saveTree(counting as unknown as typeof manager, second);
    expect(asked).toHaveLength(1);
    expect(await count('workspace_blobs', first.accountId)).toBe(501);
    const held = new Set(first.newBodies.keys());
    const loaded = await loadTree(manager, { jobId: first.jobId, hash: second.hash }, held);
    expect(loaded?.entries).toHaveLength(500);
    expect(loaded?.bodies).toEqual(second.newBodies);
  });

  it('take what the step says along in the same statement, as it would be saved alone', async () => {
    const tree = treeOf({ a: 'told' });
    const told = { id: newId('txt'), body: '{"text":"written\0"}' };
    const { manager } = db.entities;
    await saveTree(manager, tree, told);
    await saveTree(manager, tree, told);
    expect(await loadTree(manager, tree)).toMatchObject({ bodies: tree.newBodies });
    const alone = { ...told, id: newId('txt'), accountId: tree.accountId, subject: tree.subject };
    await saveText(manager, { ...alone, purpose: 'answer' });
    const rows = await manager.query<object[]>(
      `SELECT account_id, subject, purpose, body, bytes, asked_hash FROM records.texts WHERE id = ANY ($1)`,
      [[told.id, alone.id]],
    );
    expect(rows).toHaveLength(2);
    expect(rows[0]).toEqual(rows[1]);
  });

  it('that were never stored are null, and an empty one is empty', async () => {
    expect(await loadTree(db.entities.manager, { jobId: 'job_none', hash: sha('none') })).toBeNull();
    const empty = treeOf({});
    await saveTree(db.entities.manager, empty);
    expect(await loadTree(db.entities.manager, empty)).toEqual({ entries: [], bodies: new Map() });
  });

  it('of two tenants share no content, so that one is erased alone', async () => {
    const [ours, theirs] = [treeOf({ a: 'same' }), treeOf({ a: 'same' })];
    for (const tree of [ours, theirs]) await saveTree(db.entities.manager, tree);
    await saveArtefact(db.entities.manager, artefactOf(ours));
    await eraseWorkspaces(db.entities.manager, ours);
    expect(await loadTree(db.entities.manager, ours)).toBeNull();
    expect(await findArtefact(db.entities.manager, ours.jobId)).toBeNull();
    for (const table of ['workspace_blobs', 'workspace_trees', 'artefacts']) {
      expect([table, await count(table, ours.accountId)]).toEqual([table, 0]);
    }
    expect((await loadTree(db.entities.manager, theirs))?.bodies.size).toBe(1);
  });
});

const BODY = new Uint8Array([1, 2, 3, 0, 255]);
const AT = instant(Date.UTC(2026, 0, 1));
type ToSave = Parameters<typeof saveArtefact>[1];

function artefactOf(of: { accountId: string; subject: string; jobId: string }): ToSave {
  const { accountId, subject, jobId } = of;
  const life = { createdAt: AT, expiresAt: artefactExpiry(AT) };
  return { accountId, subject, jobId, files: 2, sha256: sha('zip'), body: BODY, ...life };
}

describe('artefacts', () => {
  it('keep their bytes for 30 days and their figures for good; the first packing stands', async () => {
    const saved = artefactOf({ ...owner(), jobId: newId('job') });
    const id = await saveArtefact(db.entities.manager, saved);
    await saveArtefact(db.entities.manager, { ...saved, files: 9, body: new Uint8Array([9]) });
    const found = await findArtefact(db.entities.manager, saved.jobId);
    expect(found).toEqual({
      id,
      jobId: saved.jobId,
      files: 2,
      bytes: 5,
      sha256: saved.sha256,
      createdAt: AT,
      expiresAt: AT + ARTEFACT_DAYS * 86_400_000,
    });
    const bytes = async (): Promise<number[] | null> => {
      const body = await readArtefactBody(db.entities.manager, id);
      return body === null ? null : [...body];
    };
    expect(await bytes()).toEqual([...BODY]);
    expect(await sweepArtefacts(db.entities.manager, instant(saved.expiresAt - 1))).toBe(0);
    expect(await sweepArtefacts(db.entities.manager, saved.expiresAt)).toBe(1);
    expect(await sweepArtefacts(db.entities.manager, saved.expiresAt)).toBe(0);
    expect(await bytes()).toBeNull();
    expect(await findArtefact(db.entities.manager, saved.jobId)).toEqual(found);
  });

  it('are seen by a reader of their own tenant alone, who writes neither them nor a file', async () => {
    const [ours, theirs] = [
      artefactOf({ ...owner(), jobId: newId('job') }),
      artefactOf({ ...owner(), jobId: newId('job') }),
    ];
    for (const each of [ours, theirs]) await saveArtefact(db.entities.manager, each);
    const seen = (jobId: string): Promise<unknown> => reader.asTenant(ours, (tx) => findArtefact(tx, jobId));
    expect(await seen(ours.jobId)).toMatchObject({ jobId: ours.jobId });
    expect(await seen(theirs.jobId)).toBeNull();
    expect(await reader.beforeTenant((tx) => findArtefact(tx, ours.jobId))).toBeNull();
    for (const sql of [
      'DELETE FROM records.workspace_blobs',
      `UPDATE records.workspace_blobs SET body = ''`,
      "UPDATE records.workspace_trees SET entries = '[]'",
      "UPDATE records.artefacts SET body = ''",
      'DELETE FROM records.artefacts',
    ]) {
      expect([sql, await refusal(db.database.readerUrl, sql)]).toEqual([sql, '42501']);
    }
    // Even the writer changes nothing but to free the bytes.
    expect(await refusal(db.database.writerUrl, 'UPDATE records.artefacts SET bytes = 1')).toBe('42501');
    expect(await refusal(db.database.writerUrl, "UPDATE records.workspace_blobs SET body = ''")).toBe('42501');
  });
});

async function refusal(url: string, sql: string): Promise<string | null> {
  return withClient(url, async (client) => {
    try {
      await client.query(sql);
      return null;
    } catch (error) {
      return (error as { code?: string }).code ?? 'no code';
    }
  });
}
