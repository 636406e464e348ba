// Goal: a server that falls silent keeps nobody for ever, and one that is away leaves nothing behind in whoever
// listens. Method: the real server behind a wire that swallows its answers, and a door that closes on everybody.
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TcpProxy } from '../../../../test/harness/tcp-proxy.js';
import { openTestDatabase, type TestDatabase } from '../../../../test/harness/test-database.js';
import { pause, until } from '../../../../test/harness/until.js';
import { EntityDatabase } from './entity-database.js';
import { Listener } from './listener.js';
import { CommitUnknown, WriterDatabase } from './writer-database.js';

/** By its code callers know that the database is away, as they do of the kernel's own. */
const SILENCE = { message: 'Postgres did not answer in time', code: 'ETIMEDOUT' };
/** Whoever is heard connects and answers within it, on a busy machine too. */
const WITHIN_MS = 1_200;

let database: TestDatabase;
let wire: TcpProxy;
let url: string;

beforeAll(async () => {
  database = await openTestDatabase();
}, 60_000);
afterAll(async () => {
  await database.drop();
}, 60_000);
beforeEach(async () => {
  const behind = new URL(database.writerUrl);
  wire = await TcpProxy.before(behind.host);
  behind.host = wire.address;
  url = behind.href;
}, 60_000);
afterEach(async () => {
  await wire.close();
}, 60_000);

describe('a server that falls silent', () => {
  it('is given up by whoever reads, who finds it again when it speaks', async () => {
    const options = { url, maxConnections: 2, applicationName: 'test-silent', answersWithinMs: WITHIN_MS };
    const entities = await EntityDatabase.open({ ...options, entities: [], plansOnce: 'all' });
    const writer = await WriterDatabase.open(options);
    wire.mute();
    await Promise.all([
      expect(entities.manager.query('SELECT $1::int AS one', [1])).rejects.toMatchObject(SILENCE),
      expect(writer.query('SELECT 1 AS one')).rejects.toMatchObject(SILENCE),
    ]);
    wire.restore();
    expect(await entities.manager.query('SELECT $1::int AS one', [1])).toEqual([{ one: 1 }]);
    expect(await writer.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await writer.close();
    await entities.close();
  });

  it('leaves it unknown whether a transaction stands, and no place of the pool taken', async () => {
    const writer = await WriterDatabase.open({ url, maxConnections: 1, applicationName: 'test-silent' });
    const lost = writer.transaction(
      async (tx) => {
        await tx.query('SELECT 1');
        wire.mute();
      },
      { withinMs: WITHIN_MS },
    );
    await expect(lost).rejects.toThrow(CommitUnknown);
    wire.restore();
    expect(await writer.transaction((tx) => tx.query('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
    await writer.close();
  });

  it('waits as long as it takes where no bound is set', async () => {
    const writer = await WriterDatabase.open({ url, maxConnections: 1, applicationName: 'test-patient' });
    expect(await writer.query('SELECT 1 AS one FROM pg_sleep(0.5)')).toEqual([{ one: 1 }]);
    await writer.close();
  });
});

describe('a listener', () => {
  const heard: string[] = [];
  let reconnects = 0;
  const options = {
    name: 'test-listener',
    channel: 'test_news',
    onMessage: (payload: string) => heard.push(payload),
    onReconnect: () => (reconnects += 1),
  };

  it('that cannot begin says so once, and does not go on trying behind the back of whoever asked', async () => {
    let asked = 0;
    const door = createServer((socket) => {
      asked += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
    const away = `postgres://nobody@127.0.0.1:${(door.address() as AddressInfo).port}/nothing`;
    await expect(new Listener({ ...options, url: away }).start()).rejects.toThrow();
    await pause(1_200);
    expect(asked).toBe(1);
    await new Promise((resolve) => door.close(resolve));
  });

  it('comes back by itself, says that it may have missed something, and hears what comes', async () => {
    const listener = await new Listener({ ...options, url }).start();
    wire.cut();
    await pause(600);
    wire.restore();
    await until(
      () => Promise.resolve(reconnects),
      (times) => times > 0,
      3_000,
    );
    const writer = await WriterDatabase.open({ url, maxConnections: 1, applicationName: 'test-teller' });
    await writer.query("SELECT pg_notify('test_news', 'again')");
    await until(
      () => Promise.resolve(heard),
      (news) => news.includes('again'),
      3_000,
    );
    await listener.close();
    await writer.close();
  });
});
