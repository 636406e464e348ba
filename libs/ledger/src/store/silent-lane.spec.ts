// Goal: a database that falls silent keeps no lane: whoever waits hears of it, those behind go on, and the same key
// finds out what became of it. Method: a real Postgres behind a wire that swallows its answers, and a short bound.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { accept, accountScope, instant, NO_CHANGES } from '@fairmeter/domain';
import { WriterDatabase } from '@fairmeter/platform/database';
import type { LedgerDatabase } from '../../../../test/harness/ledger-database.js';
import { eachOnItsOwnAccount } from '../../../../test/harness/own-account.js';
import { TcpProxy } from '../../../../test/harness/tcp-proxy.js';
import { LedgerStore } from './ledger-store.js';
import type { Post } from './post.js';

/** What is not silent is read and committed within it, on a busy machine too. */
const WITHIN_MS = 1_200;
const SILENCE = { message: 'Postgres did not answer in time', code: 'ETIMEDOUT' };

let db: LedgerDatabase;
let wire: TcpProxy;
let writer: WriterDatabase;
let store: LedgerStore;
let accountId: string;

eachOnItsOwnAccount('10', (own) => {
  ({ db, accountId } = own);
});

beforeEach(async () => {
  const url = new URL(db.database.writerUrl);
  wire = await TcpProxy.before(url.host);
  url.host = wire.address;
  writer = await WriterDatabase.open({ url: url.href, maxConnections: 1, applicationName: 'test-silent-lane' });
  store = new LedgerStore(writer, { lanes: 1, groupSize: 1, answersWithinMs: WITHIN_MS });
}, 60_000);

afterEach(async () => {
  wire.restore();
  await writer.close();
  await wire.close();
}, 60_000);

function note(name: string, before: () => void = () => undefined): Post<{ readonly name: string }> {
  return {
    key: `${accountId}:${name}`,
    verb: 'note',
    body: { name },
    scopeId: accountScope(accountId),
    accountId,
    asOf: instant(0),
    load: {},
    decide: () => {
      before();
      return accept({ result: { name }, changes: NO_CHANGES, job: null, steps: [], attempts: [], events: [] });
    },
  };
}

describe('a lane whose database falls silent', () => {
  it('gives up the group that it was reading for, and goes on with those behind it', async () => {
    expect(await store.post(note('warm'))).toMatchObject({ ok: true });
    wire.mute();
    const first = store.post(note('first')).finally(() => {
      wire.restore();
    });
    const behind = store.post(note('behind'));
    await expect(first).rejects.toMatchObject(SILENCE);
    expect(await behind).toMatchObject({ ok: true, value: { replayed: false } });
    expect(await store.post(note('first'))).toMatchObject({ ok: true, value: { replayed: false } });
  });

  it('[edge 30] does not know what became of a group it had sent, and its key tells', async () => {
    const sent = store.post(
      note('sent', () => {
        wire.mute();
      }),
    );
    await expect(sent).rejects.toMatchObject({ name: 'CommitUnknown' });
    wire.restore();
    expect(await store.post(note('sent'))).toMatchObject({ ok: true, value: { replayed: true } });
  });
});
