// A server that goes while connections are made: whoever waits for one hears of it, and the process lives on.
import { connect, createServer, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '../../../../test/harness/test-database.js';
import { WriterDatabase } from './writer-database.js';

/** What a server says to a session when it is shut down. */
function farewell(): Buffer {
  const fields = Buffer.from('SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0');
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

let database: TestDatabase;
let doomed = false;
const server = createServer((client) => {
  const { hostname, port } = new URL(database.writerUrl);
  const upstream = connect(Number(port), hostname);
  // In the same breath as "ready for query", as it comes when a shutdown meets a connection that is being made.
  const isReady = (bytes: Buffer): boolean =>
    bytes.at(-6) === 'Z'.charCodeAt(0) && bytes.readInt32BE(bytes.length - 5) === 5;
  upstream.on('data', (bytes) => {
    client.write(doomed && isReady(bytes) ? Buffer.concat([bytes, farewell()]) : bytes);
  });
  client.on('data', (bytes) => upstream.write(bytes));
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    one.on('error', () => undefined);
    one.on('close', () => other.destroy());
  }
});

beforeEach(async () => {
  database = await openTestDatabase();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}, 60_000);
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await database.drop();
}, 60_000);

describe('the writer database', () => {
  it('outlives a connection that is ended while it is handed out', async () => {
    const url = new URL(database.writerUrl);
    url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const writer = await WriterDatabase.open({ url: url.href, maxConnections: 2, applicationName: 'test-doomed' });
    await writer.transaction(async (tx) => {
      await tx.query('SELECT 1');
      // The one connection is in use, so the next transaction makes another.
      doomed = true;
      await expect(writer.transaction((other) => other.query('SELECT 1'))).rejects.toThrow();
      doomed = false;
      await tx.query('SELECT 1');
    });
    expect(await writer.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await writer.close();
  });
});
