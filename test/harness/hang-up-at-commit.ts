// Test harness. A wire to Postgres that breaks at COMMIT: before the command reaches the server, or before its answer
// reaches the client. Nothing else can tell a client that its transaction stands without it knowing.
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

export type LostAtCommit = 'command' | 'answer';

/** The server is ready for the next statement and in no transaction: it committed, or rolled back what had failed. */
const READY_OUTSIDE = Buffer.from([...Buffer.from('Z'), 0, 0, 0, 5, ...Buffer.from('I')]);

export class HangUpAtCommit {
  /** Set when the next COMMIT is to be lost; until then the wire is a plain one. */
  armed = false;
  /** How many were lost so far. */
  losses = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly lost: LostAtCommit,
  ) {}

  static async listen(target: string, lost: LostAtCommit): Promise<HangUpAtCommit> {
    const { hostname, port } = new URL(target);
    const server = createServer();
    const wire = new HangUpAtCommit(server, lost);
    server.on('connection', (client) => {
      wire.join(client, connect(Number(port), hostname));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return wire;
  }

  /** The same database and login by way of this wire. */
  url(target: string): string {
    const changed = new URL(target);
    changed.hostname = '127.0.0.1';
    changed.port = String((this.server.address() as AddressInfo).port);
    return changed.toString();
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(client: Socket, upstream: Socket): void {
    let isDoomed = false;
    let tail = Buffer.alloc(0);
    for (const socket of [client, upstream]) {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        client.destroy();
        // A COMMIT that was sent is carried out whether or not anybody is left to hear of it.
        upstream.end();
      });
    }
    client.on('data', (bytes) => {
      if (this.armed && bytes.includes('COMMIT')) {
        isDoomed = true;
        this.armed = false;
        this.losses += 1;
        if (this.lost === 'command') {
          client.destroy();
          return;
        }
      }
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (!isDoomed) {
        client.write(bytes);
        return;
      }
      // What came of the COMMIT is certain, whichever it was, and nobody hears of it.
      const seen = Buffer.concat([tail, bytes]);
      if (seen.includes(READY_OUTSIDE)) client.destroy();
      tail = seen.subarray(-(READY_OUTSIDE.length - 1));
    });
  }
}
