// Bench room, jobs. A proxy before Postgres that counts round trips: how often a client speaks once the server has
// spoken. Statements that are sent without waiting for one another are one round trip, as they are on the wire.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** How a client names itself in the first message of a connection. */
const APPLICATION = /application_name\0([^\0]+)\0/;

export class CountingProxy {
  private readonly trips = new Map<string, number>();
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((client) => this.join(client));

  private constructor(private readonly target: { readonly host: string; readonly port: number }) {}

  static async before(url: string): Promise<CountingProxy> {
    const { hostname, port } = new URL(url);
    const proxy = new CountingProxy({ host: hostname, port: Number(port) });
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  /** The same database by way of this proxy. */
  through(url: string): string {
    const changed = new URL(url);
    changed.host = `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return changed.href;
  }

  /** Round trips so far by the name of the client. */
  counted(): ReadonlyMap<string, number> {
    return new Map(this.trips);
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private join(client: Socket): void {
    const server = connect(this.target);
    let name: string | undefined;
    let isAnswered = true;
    client.on('data', (bytes: Buffer) => {
      name ??= APPLICATION.exec(bytes.toString('latin1'))?.[1] ?? 'unnamed';
      if (isAnswered) this.trips.set(name, (this.trips.get(name) ?? 0) + 1);
      isAnswered = false;
      server.write(bytes);
    });
    server.on('data', (bytes: Buffer) => {
      isAnswered = true;
      client.write(bytes);
    });
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.setNoDelay(true);
      this.sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        this.sockets.delete(one);
        other.destroy();
      });
    }
  }
}
