// Choosing ports, with real listeners.
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { choosePorts, isFree, PortTakenError } from './ports.js';

const servers: Server[] = [];

async function takenPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

describe('ports', () => {
  it('are chosen free and apart', async () => {
    const chosen = await choosePorts(['a', 'b', 'c', 'd'].map((name) => ({ name })));
    const ports = Object.values(chosen);
    expect(new Set(ports).size).toBe(4);
    expect(await Promise.all(ports.map(isFree))).toEqual([true, true, true, true]);
  });

  it('are the remembered ones while those are free', async () => {
    const first = await choosePorts([{ name: 'api' }]);
    expect(await choosePorts([{ name: 'api', remembered: first['api'] }])).toEqual(first);
  });

  it('change when another program has taken the remembered one', async () => {
    const taken = await takenPort();
    const chosen = await choosePorts([{ name: 'api', remembered: taken }]);
    expect(chosen['api']).not.toBe(taken);
  });

  it('are an error when a set one is taken', async () => {
    const taken = await takenPort();
    await expect(choosePorts([{ name: 'api', fixed: taken }])).rejects.toBeInstanceOf(PortTakenError);
  });

  it('leave a set port to the one for which it was set', async () => {
    const { api: port } = await choosePorts([{ name: 'api' }]);
    const chosen = await choosePorts([
      { name: 'postgres', remembered: port },
      { name: 'api', fixed: port },
    ]);
    expect(chosen['api']).toBe(port);
    expect(chosen['postgres']).not.toBe(port);
  });
});
