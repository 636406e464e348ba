// Platform room. A process without a door of its own (the worker) shows its metrics and its life here.
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

export interface MetricsServerOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly registry: Registry;
  /** False turns `/health/live` into 503: the supervisor should start a fresh process. */
  readonly isAlive?: () => boolean;
  /** Where the Temporal SDK's core shows its own metrics (host:port); they are appended to ours. */
  readonly coreMetricsAddress?: string;
}

export interface MetricsServer {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

const CORE_ANSWERS_WITHIN_MS = 1_000;

export async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    answer(options, request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  server.listen(options.port, options.host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    url: `http://${host}:${port}`,
    port,
    close: async () => {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
}

async function answer(
  options: MetricsServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '').split('?')[0];
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
  } else if (path === '/metrics') {
    const own = await options.registry.metrics();
    response.writeHead(200, { 'content-type': options.registry.contentType });
    response.end(own + (await coreMetrics(options.coreMetricsAddress)));
  } else if (path === '/health/live') {
    const alive = options.isAlive?.() ?? true;
    response.writeHead(alive ? 200 : 503, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ status: alive ? 'ok' : 'not_alive' }));
  } else {
    response.writeHead(404).end();
  }
}

/** The core listens by itself and not for long after a start: without its answer ours still counts. */
async function coreMetrics(address: string | undefined): Promise<string> {
  if (address === undefined) return '';
  try {
    const response = await fetch(`http://${address}/metrics`, { signal: AbortSignal.timeout(CORE_ANSWERS_WITHIN_MS) });
    return response.ok ? `\n${await response.text()}` : '';
  } catch {
    return '';
  }
}

/** A port that was free a moment ago: the SDK's core cannot say which one it chose, so it is told one. */
export async function freeLoopbackPort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
