// Goal: what is sent can be checked by its receiver, goes nowhere it must not, and is not waited for too long. Method:
// real servers of our own, and the receiver's side of the library.
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createPlainServer } from 'node:net';
import { afterAll, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import type { OutgoingWebhook } from './webhook-port.js';
import { HttpWebhooks } from './webhook-port.js';

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const OLDER = `whsec_${Buffer.alloc(32, 2).toString('base64')}`;

const servers: Server[] = [];
const closings: (() => void)[] = [];
afterAll(() => {
  for (const server of servers) server.close().closeAllConnections();
  for (const close of closings) close();
});

/** Whoever is connected to says what it likes, HTTP or not. */
async function serveBytes(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets: Socket[] = [];
  const server = createPlainServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  closings.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** Whoever answers is heard, on a busy machine too; whoever does not is not waited for here. */
const local = new HttpWebhooks({ allowedNetworks: ['127.0.0.0/8'], withinMs: 4_000 });
const impatient = new HttpWebhooks({ allowedNetworks: ['127.0.0.0/8'], withinMs: 300 });
const strict = new HttpWebhooks({ allowedNetworks: [], withinMs: 2_000 });

const to = (url: string, more: Partial<OutgoingWebhook> = {}): OutgoingWebhook => ({
  url,
  eventId: 'evt_1',
  body: '{"type":"job.ended"}',
  secrets: [SECRET],
  sentAtMs: Date.now(),
  ...more,
});

describe('a webhook that is sent', () => {
  it('carries its id and a signature of each secret, which the library of the receiver accepts', async () => {
    let heard: { headers: Record<string, string>; body: string } | undefined;
    const url = await serve((request, response) => {
      let body = '';
      request.on('data', (piece: Buffer) => (body += piece.toString()));
      request.on('end', () => {
        heard = { headers: request.headers as Record<string, string>, body };
        response.writeHead(200).end('thanks');
      });
    });
    expect(await local.send(to(url, { secrets: [SECRET, OLDER] }))).toEqual({ delivered: true, status: 200 });
    expect(heard?.headers['webhook-id']).toBe('evt_1');
    for (const secret of [SECRET, OLDER]) {
      expect(new Webhook(secret).verify(heard?.body ?? '', heard?.headers ?? {})).toEqual({ type: 'job.ended' });
    }
  });

  it('follows no redirect, and takes no other answer for an arrival', async () => {
    let seen = 0;
    const status = { now: 302 };
    const url = await serve((_, response) => {
      seen += 1;
      response.writeHead(status.now, { location: '/again' }).end();
    });
    expect(await local.send(to(url))).toEqual({ delivered: false, status: 302, problem: 'redirected' });
    status.now = 500;
    expect(await local.send(to(url))).toEqual({ delivered: false, status: 500, problem: 'answered_otherwise' });
    expect(seen).toBe(2);
  });

  it('is not waited for beyond its time, and an endless answer is hung up on', async () => {
    const silent = await serve(() => undefined);
    expect(await impatient.send(to(silent))).toEqual({ delivered: false, status: null, problem: 'timed_out' });
    let hangUp = (): void => undefined;
    const isHungUp = new Promise<void>((resolve) => {
      hangUp = resolve;
    });
    const endless = await serve((_, response) => {
      response.writeHead(200);
      const more = (): void => {
        while (response.write('x'.repeat(10_000)));
      };
      response.on('drain', more).on('close', hangUp);
      more();
    });
    expect(await local.send(to(endless))).toEqual({ delivered: true, status: 200 });
    await isHungUp;
  });

  it('[F27] comes to an end where a receiver speaks something else, hangs up, or never says it all', async () => {
    const upgrading = await serveBytes((socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    });
    expect(await local.send(to(upgrading))).toEqual({ delivered: false, status: 101, problem: 'answered_otherwise' });
    const closing = await serveBytes((socket) => socket.once('data', () => socket.end()));
    expect(await local.send(to(closing))).toEqual({ delivered: false, status: null, problem: 'unreachable' });
    const silent = await serveBytes(() => undefined);
    expect(await impatient.send(to(silent))).toEqual({ delivered: false, status: null, problem: 'timed_out' });
    const dripping = await serveBytes((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nx-long: ');
      const drip = setInterval(() => socket.write('x'), 20);
      socket.on('close', () => {
        clearInterval(drip);
      });
    });
    expect(await impatient.send(to(dripping))).toEqual({ delivered: false, status: null, problem: 'timed_out' });
  });

  it('finds a name of the machine itself only where networks were named', async () => {
    const { port } = new URL(await serve((_, response) => response.end()));
    const url = `http://localhost:${port}/`;
    expect(await local.send(to(url))).toEqual({ delivered: true, status: 200 });
    expect(await strict.send(to(url))).toMatchObject({ delivered: false, problem: 'no_public_address' });
  });

  it('connects to no address that is not public, however it is written or named', async () => {
    let seen = 0;
    const url = await serve((_, response) => {
      seen += 1;
      response.end();
    });
    const port = new URL(url).port;
    const hosts = ['127.0.0.1', '2130706433', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]', 'localhost', '169.254.169.254'];
    for (const host of hosts) {
      for (const scheme of ['http', 'https']) {
        const outcome = await strict.send(to(`${scheme}://${host}:${port}/`));
        expect([host, outcome]).toEqual([host, { delivered: false, status: null, problem: 'no_public_address' }]);
      }
    }
    expect(seen).toBe(0);
  });

  it('says that nobody listens, or that there is no such name', async () => {
    const url = await serve(() => undefined);
    servers.at(-1)?.close();
    expect(await local.send(to(url))).toEqual({ delivered: false, status: null, problem: 'unreachable' });
    const nowhere = await strict.send(to('https://receiver.invalid/'));
    expect(nowhere).toEqual({ delivered: false, status: null, problem: 'no_public_address' });
  });
});
