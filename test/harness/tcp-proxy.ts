// Test harness. A wire that can be cut: a TCP proxy in front of a server, for what a network does to a client.
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

type Wire = 'whole' | 'cut' | 'mute';

export class TcpProxy {
  private wire: Wire = 'whole';
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((client) => {
    this.join(client);
  });

  private constructor(private readonly target: { readonly host: string; readonly port: number }) {}

  static async before(address: string): Promise<TcpProxy> {
    const at = address.lastIndexOf(':');
    const proxy = new TcpProxy({ host: address.slice(0, at), port: Number(address.slice(at + 1)) });
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Everything open breaks, and whoever comes is turned away. */
  cut(): void {
    this.wire = 'cut';
    for (const socket of this.sockets) socket.destroy();
  }

  /** What clients say arrives; what the server answers does not. */
  mute(): void {
    this.wire = 'mute';
  }

  restore(): void {
    // Whoever missed an answer would wait on a stream that has lost bytes: a wire heals by new connections.
    if (this.wire === 'mute') for (const socket of this.sockets) socket.destroy();
    this.wire = 'whole';
  }

  async close(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(client: Socket): void {
    if (this.wire === 'cut') {
      client.destroy();
      return;
    }
    const server = connect(this.target);
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.sockets.add(one);
      one.on('data', (bytes) => {
        if (this.wire === 'mute' && one === server) return;
        other.write(bytes);
      });
      one.on('error', () => undefined);
      one.on('close', () => {
        this.sockets.delete(one);
        other.destroy();
      });
    }
  }
}
