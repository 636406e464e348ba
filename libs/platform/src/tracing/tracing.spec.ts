// Platform room. One trace id from process to process.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newTraceparent, parseTraceparent } from './traceparent.js';
import { installTracing, noTracing, openTracing, startSpan } from './tracing.js';

interface SentSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly service: string;
}

interface Export {
  resourceSpans: {
    resource: { attributes: { key: string; value: { stringValue?: string } }[] };
    scopeSpans: { spans: { name: string; traceId: string; spanId: string; parentSpanId?: string }[] }[];
  }[];
}

/** A collector that speaks OTLP/HTTP with JSON, as the exporter sends it. */
async function collector() {
  const spans: SentSpan[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Export;
      for (const { resource, scopeSpans } of body.resourceSpans) {
        const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? '';
        for (const span of scopeSpans.flatMap((scope) => scope.spans)) spans.push({ ...span, service });
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { spans, server, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe('a traceparent', () => {
  it('is read as the standard says', () => {
    const id = '4bf92f3577b34da6a3ce929d0e0e4736';
    expect(parseTraceparent(`00-${id}-00f067aa0ba902b7-01`)).toEqual({
      traceId: id,
      spanId: '00f067aa0ba902b7',
      sampled: true,
    });
    expect(parseTraceparent(`00-${id}-00f067aa0ba902b7-00`)?.sampled).toBe(false);
    expect(parseTraceparent(`cc-${id}-00f067aa0ba902b7-01-more`)?.traceId).toBe(id);
    for (const wrong of [
      undefined,
      '',
      'nonsense',
      `ff-${id}-00f067aa0ba902b7-01`,
      `00-${id}-00f067aa0ba902b7-01-more`,
      `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
      `00-${id}-${'0'.repeat(16)}-01`,
      `00-${id.toUpperCase()}-00f067aa0ba902b7-01`,
    ]) {
      expect(parseTraceparent(wrong)).toBeUndefined();
    }
  });

  it('is new each time it is made', () => {
    expect(newTraceparent()).not.toBe(newTraceparent());
    expect(parseTraceparent(newTraceparent())).toMatchObject({ sampled: true });
  });
});

describe('tracing', () => {
  let sink: Awaited<ReturnType<typeof collector>>;
  beforeEach(async () => {
    sink = await collector();
  });
  afterEach(async () => {
    installTracing(noTracing);
    sink.server.close();
    sink.server.closeAllConnections();
    await once(sink.server, 'close');
  });

  it('carries one trace id from one process into the next', async () => {
    const api = await openTracing({ service: 'api', endpoint: sink.endpoint });
    const worker = await openTracing({ service: 'worker', endpoint: sink.endpoint });
    const incoming = newTraceparent();
    await api.span({ name: 'POST /v1/bots/:bot_id/jobs', traceparent: incoming }, async (span) => {
      // Only this text travels: through the workflow's input into the activity's.
      await worker.span({ name: 'runStep', traceparent: span.traceparent }, async () => Promise.resolve());
    });
    await Promise.all([api.close(), worker.close()]);

    const request = sink.spans.find(({ service }) => service === 'api');
    const step = sink.spans.find(({ service }) => service === 'worker');
    expect(request?.traceId).toBe(parseTraceparent(incoming)?.traceId);
    expect(request?.parentSpanId).toBe(parseTraceparent(incoming)?.spanId);
    expect(step?.traceId).toBe(request?.traceId);
    expect(step?.parentSpanId).toBe(request?.spanId);
  });

  it('is installed once for a process and then used by every layer', async () => {
    const tracing = await openTracing({ service: 'worker', endpoint: sink.endpoint });
    installTracing(tracing);
    await expect(
      startSpan({ name: 'settleJob', traceparent: newTraceparent() }, async () =>
        Promise.reject(new RangeError('secret text')),
      ),
    ).rejects.toThrow(RangeError);
    await tracing.close();
    expect(sink.spans.map(({ name }) => name)).toEqual(['settleJob']);
    expect(JSON.stringify(sink.spans)).not.toContain('secret text');
  });

  it('costs nothing where no collector is configured, and still hands the trace on', async () => {
    const tracing = await openTracing({ service: 'api', endpoint: undefined });
    expect(tracing).toBe(noTracing);
    const incoming = newTraceparent();
    const handedOn = async (traceparent: string) =>
      tracing.span({ name: 'any', traceparent }, async (span) => Promise.resolve(span.traceparent));
    expect(await handedOn(incoming)).toBe(incoming);
    expect(parseTraceparent(await handedOn('nonsense'))).toBeDefined();
    expect(sink.spans).toEqual([]);
  });
});
