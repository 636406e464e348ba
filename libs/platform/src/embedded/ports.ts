// Embedded servers: where they listen. Promises ports that were free a moment ago, the same ones again after a restart
// when they still are, and a clear error when a port that was asked for is taken.
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

export class PortTakenError extends Error {
  constructor(name: string, port: number) {
    super(`port ${port} was asked for ${name}, but another program listens there`);
    this.name = 'PortTakenError';
  }
}

export interface PortWish {
  readonly name: string;
  /** Set by a person: taken means an error, never another port. */
  readonly fixed?: number | undefined;
  /** Used last time: taken means a new one. */
  readonly remembered?: number | undefined;
}

/** Chooses one port per wish; no two wishes of one call get the same. */
export async function choosePorts(wishes: readonly PortWish[]): Promise<Record<string, number>> {
  const chosen: Record<string, number> = {};
  const used = new Set<number>();
  for (const wish of wishes) {
    if (wish.fixed !== undefined) {
      if (used.has(wish.fixed) || !(await isFree(wish.fixed))) throw new PortTakenError(wish.name, wish.fixed);
      used.add(wish.fixed);
      chosen[wish.name] = wish.fixed;
    }
  }
  for (const wish of wishes) {
    if (wish.fixed !== undefined) continue;
    const again = wish.remembered !== undefined && !used.has(wish.remembered) && (await isFree(wish.remembered));
    const port = again && wish.remembered !== undefined ? wish.remembered : await freePort(used);
    used.add(port);
    chosen[wish.name] = port;
  }
  return chosen;
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

// Below the range that operating systems hand to outgoing connections, so that a remembered port is not taken by some
// connection's near end at the next start.
const firstPort = 20_000;
const portCount = 10_000;

async function freePort(used: ReadonlySet<number>): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = firstPort + randomInt(portCount);
    if (!used.has(port) && (await isFree(port))) return port;
  }
  throw new Error(`found no free port on 127.0.0.1 between ${firstPort} and ${firstPort + portCount}`);
}
