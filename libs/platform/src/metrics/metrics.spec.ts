// Platform room. What is counted is shown.
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { httpMetrics } from './http-metrics.js';
import type { MetricsServer } from './metrics-server.js';
import { freeLoopbackPort, startMetricsServer } from './metrics-server.js';
import { ProcessSigns } from './process-signs.js';
import { createRegistry } from './registry.js';

describe('metrics', () => {
  let server: MetricsServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  it('are shown as Prometheus reads them, with those of the process', async () => {
    const registry = createRegistry({ service: 'worker', version: '9' });
    httpMetrics(registry).admissions.inc({ outcome: 'admitted' });
    server = await startMetricsServer({ host: '127.0.0.1', port: 0, registry });
    const response = await fetch(`${server.url}/metrics`);
    const text = await response.text();
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(text).toContain('fairmeter_admissions_total{outcome="admitted",service="worker",version="9"} 1');
    expect(text).toContain('process_resident_memory_bytes');
  });

  it('include those of the SDK core where it answers, and do without where it does not', async () => {
    const core = createServer((_, response) => response.end('temporal_worker_start 1\n')).listen(0, '127.0.0.1');
    await once(core, 'listening');
    const registry = createRegistry({ service: 'worker' });
    server = await startMetricsServer({
      host: '127.0.0.1',
      port: 0,
      registry,
      coreMetricsAddress: `127.0.0.1:${(core.address() as AddressInfo).port}`,
    });
    expect(await (await fetch(`${server.url}/metrics`)).text()).toContain('temporal_worker_start 1');
    core.close();
    core.closeAllConnections();
    await once(core, 'close');
    expect((await fetch(`${server.url}/metrics`)).status).toBe(200);
  });

  it('count signs of trouble, and say how long ago the last one was', async () => {
    let now = 1_000;
    const signs = new ProcessSigns<'busy' | 'large'>({ now: () => now });
    signs.saw('busy');
    const registry = createRegistry({ service: 'worker' });
    signs.show(registry, ['busy', 'large']);
    now = 3_000;
    signs.saw('busy');
    now = 4_500;
    expect(signs.counted()).toEqual({ busy: { count: 2, agoMs: 1_500 } });
    const text = await registry.metrics();
    expect(text).toMatch(/fairmeter_signs_total\{sign="busy"[^}]*\} 2/);
    expect(text).toMatch(/fairmeter_signs_total\{sign="large"[^}]*\} 0/);
  });

  it('stand beside a sign of life', async () => {
    let alive = true;
    const port = await freeLoopbackPort();
    const registry = createRegistry({ service: 'worker' });
    server = await startMetricsServer({ host: '127.0.0.1', port, registry, isAlive: () => alive });
    expect(server.port).toBe(port);
    expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
    alive = false;
    expect((await fetch(`${server.url}/health/live`)).status).toBe(503);
    expect((await fetch(`${server.url}/nothing`)).status).toBe(404);
    expect((await fetch(`${server.url}/metrics`, { method: 'POST' })).status).toBe(405);
  });
});
