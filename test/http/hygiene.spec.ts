// What every service owes those who run it and those who build on it: traces, logs by id, documents, health, metrics.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PROBLEMS } from '@fairmeter/contracts';
import { installTracing, noTracing, openTracing } from '@fairmeter/platform';
import { jobBody, submittedBody } from '../../apps/api/src/jobs/job-body.js';
import { costBody } from '../../apps/api/src/jobs/cost-body.js';
import { BotClient } from '../harness/bot-client.js';
import { workflowOf } from '../harness/ledger-facts.js';
import { openBot } from '../harness/people.js';
import { threeSteps } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';
import { SERVED_PATHS } from './served-paths.js';

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
}

interface Export {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly Span[] }[] }[];
}

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const TRACEPARENT = `00-${TRACE_ID}-00f067aa0ba902b7-01`;

/** Where an admission waits while somebody holds it up. */
interface HeldUp {
  readonly came: () => void;
  readonly mayGoOn: Promise<void>;
}

async function isRefused(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return false;
  } catch {
    return true;
  } finally {
    socket.destroy();
  }
}

interface AskedBody {
  readonly properties?: object;
  readonly required?: readonly string[];
}

describe('service hygiene', () => {
  let stack: TestStack;
  let heldUp: HeldUp | null = null;
  let bot: BotClient;
  let owner: Awaited<ReturnType<typeof openBot>>;
  beforeAll(async () => {
    stack = await TestStack.open({ models: threeSteps().port });
    await stack.startWorkerLike({
      around: ({ jobActivities }) => ({
        jobActivities: {
          admitJob: async (input) => {
            heldUp?.came();
            await heldUp?.mayGoOn;
            return jobActivities.admitJob(input);
          },
        },
      }),
    });
    await stack.startApi();
    owner = await openBot(stack, { credits: '100' });
    bot = new BotClient(stack, owner);
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  const get = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
    const response = await fetch(`${stack.apiUrl}${path}`, { headers });
    return { response, text: await response.text() };
  };

  it('carries the caller\u2019s trace and request id into the problem document', async () => {
    const { response, text } = await get('/v1/nothing', { traceparent: TRACEPARENT, 'x-request-id': 'order-17' });
    expect(response.headers.get('x-request-id')).toBe('order-17');
    expect(JSON.parse(text)).toMatchObject({ request_id: 'order-17', trace_id: TRACE_ID });
  });

  describe('of a job whose request was traced', () => {
    const spans: Span[] = [];
    // The first job of this stack takes the time it takes.
    beforeAll(async () => {
      const collector = createServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          const sent = JSON.parse(Buffer.concat(chunks).toString()) as Export;
          spans.push(...sent.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
          response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
        });
      }).listen(0, '127.0.0.1');
      await once(collector, 'listening');
      const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
      const tracing = await openTracing({ service: 'test', endpoint });
      installTracing(tracing);
      try {
        const response = await fetch(`${stack.apiUrl}/v1/bots/${owner.botId}/jobs`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${owner.key}`,
            'content-type': 'application/json',
            'idempotency-key': 'traced',
            traceparent: TRACEPARENT,
          },
          body: JSON.stringify({ prompt: 'p' }),
        });
        const { id } = (await response.json()) as { id: string };
        await bot.ended(id);
        // That it has ended is read a moment before the span of its settling is over.
        const { workflowId } = await workflowOf(stack, id);
        await stack.temporal.client.workflow.getHandle(workflowId).result();
      } finally {
        installTracing(noTracing);
        await tracing.close();
        collector.close();
        collector.closeAllConnections();
      }
    }, 60_000);

    it('shows one trace id from the request through the workflow into its activities', () => {
      const names = new Set(spans.map(({ name }) => name));
      expect(names.has('submit job')).toBe(true);
      // The door, admission, steps and settling at least.
      expect(names.size).toBeGreaterThanOrEqual(4);
      expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE_ID]));
      expect(JSON.stringify(spans)).not.toContain('"prompt"');
    });
  });

  it('describes itself in OpenAPI 3.1, with all that it serves', async () => {
    const { text } = await get('/openapi.json');
    const document = JSON.parse(text) as {
      openapi: string;
      paths: Record<string, Record<string, { operationId: string; responses: Record<string, unknown> }>>;
      components: { schemas: Record<string, { required?: string[] }> };
    };
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths).sort()).toEqual(SERVED_PATHS);
    const submit = document.paths['/v1/bots/{bot_id}/jobs']?.['post'];
    expect(Object.keys(submit?.responses ?? {})).toEqual(
      expect.arrayContaining(['202', '400', '401', '402', '403', '404', '409', '413', '415', '422', '503']),
    );
    expect(document.components.schemas['SubmitJob']?.required).toEqual(['prompt']);
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      expect(Object.keys(document.components.schemas)).toContain(name);
    }
  });

  it('[B2, B3] knows no way by which credits leave, or pass from one holder to another', async () => {
    const { paths, components } = JSON.parse((await get('/openapi.json')).text) as {
      paths: Record<string, Record<string, { operationId: string; requestBody?: object }>>;
      components: { schemas: Record<string, AskedBody & { oneOf?: AskedBody[]; anyOf?: AskedBody[] }> };
    };
    const bodiesOf = (requestBody: object = {}): readonly AskedBody[] => {
      const [, name = ''] = /schemas\/(\w+)"/.exec(JSON.stringify(requestBody)) ?? [];
      const schema = components.schemas[name] ?? {};
      return schema.oneOf ?? schema.anyOf ?? [schema];
    };
    const changes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([method]) => method !== 'get')
        .map(([, { operationId, requestBody }]) => ({ path, operationId, bodies: bodiesOf(requestBody) })),
    );
    const staff = changes.filter(({ path }) => path.startsWith('/v1/staff/'));
    expect(staff.length).toBeGreaterThanOrEqual(4);
    // What staff adjust has one target, and says why.
    for (const { operationId, bodies } of staff) {
      for (const { required = [] } of bodies) {
        expect([operationId, required]).toEqual([operationId, expect.arrayContaining(['reason'])]);
      }
    }
    for (const { path, operationId, bodies } of changes) {
      expect(`${path} ${operationId}`).not.toMatch(/pay[-_]?out|cash|redeem|gift|send.?credits|transfer.?credits/i);
      const inPath = [...path.matchAll(/{(\w+)}/g)].map(([, name]) => String(name));
      const named = [...inPath, ...bodies.flatMap(({ properties = {} }) => Object.keys(properties))];
      const holders = named.filter((name) => /^(to_|from_)?(account|visitor|user)(_id)?s?$/.test(name));
      expect([operationId, holders.length > 1 ? holders : []]).toEqual([operationId, []]);
    }
  });

  it('answers with what it described', async () => {
    const submitted = await bot.submit({ key: 'described' });
    expect(submittedBody.strict().parse(submitted.body)).toBeDefined();
    const running = await bot.get(`/v1/jobs/${String(submitted.body['id'])}`);
    expect(jobBody.strict().parse(running.body)).toBeDefined();
    const ended = await bot.ended(String(submitted.body['id']));
    expect(jobBody.strict().parse(ended.body)).toBeDefined();
    const cost = await bot.get(`/v1/jobs/${String(submitted.body['id'])}/cost`);
    expect(costBody.strict().parse(cost.body)).toMatchObject({ final: true, charge: '1.800000', held: '0.000000' });
    const whole = costBody.parse(cost.body);
    expect(whole.steps.map(({ charge }) => charge)).toEqual(['0.600000', '0.600000', '0.600000']);
    expect(whole.paid_from).toMatchObject([{ kind: 'subscription', amount: '1.800000' }]);
    expect(whole.tokens).toMatchObject({ input: 3_000, output: 600 });
  });

  it('serves a page for each problem, and a documentation page that needs nobody else', async () => {
    for (const code of Object.keys(PROBLEMS)) {
      const { response, text } = await get(`/problems/${code}`);
      expect([code, response.status]).toEqual([code, 200]);
      expect(text).toContain(`<code>${code}</code>`);
    }
    expect((await get('/problems/nothing')).response.status).toBe(404);
    const { text } = await get('/docs');
    for (const [, address] of text.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect(address).not.toContain('://');
      expect((await get(`/${address}`)).response.status).toBe(200);
    }
  });

  it('says that it lives, whether it is ready, and what it counted', async () => {
    expect(JSON.parse((await get('/health/live')).text)).toEqual({ status: 'ok' });
    await bot.submit({ key: 'counted' });
    await bot.submit({ key: 'counted' });
    const { response, text } = await get('/metrics');
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(text).toMatch(/fairmeter_admissions_total\{outcome="admitted",.*\} [1-9]/);
    expect(text).toMatch(/fairmeter_admissions_total\{outcome="replayed",.*\} [1-9]/);
    expect(text).toContain('route="/v1/bots/:bot_id/jobs",method="POST",status="202"');
    expect(text).toContain('fairmeter_event_streams_open');
    // No id ever becomes a label: each would be a time series of its own.
    expect(text).not.toMatch(/(job|bot|acc)_[0-9a-z]{26}/);
  });

  it('is not ready while no worker was seen, and says so', async () => {
    type Told = Readonly<{ missing?: readonly string[]; parts: Readonly<Record<string, string>> }>;
    // Each part has a second to answer in, which a busy machine may take for others: asked again, it answers.
    const answered = async (...asked: readonly string[]): Promise<readonly [number, Told]> =>
      until(
        async () => {
          const { response, text } = await get('/health/ready');
          return [response.status, JSON.parse(text) as Told] as const;
        },
        ([, { parts }]) => asked.every((part) => parts[part] === 'ok'),
      );
    // The harness runs its worker without the presence a worker process keeps.
    expect(await answered('postgres', 'temporal')).toMatchObject([503, { missing: ['worker'] }]);
    await stack.entities.manager.query(
      `INSERT INTO records.workers (id, version, started_at, seen_at)
       VALUES ('wrk_seen', 'test', clock_timestamp(), clock_timestamp())`,
    );
    expect(await answered('postgres', 'temporal', 'worker')).toMatchObject([200, { status: 'ready' }]);
    await stack.entities.manager.query(
      `UPDATE records.workers SET seen_at = clock_timestamp() - interval '31 seconds' WHERE id = 'wrk_seen'`,
    );
    expect((await get('/health/ready')).response.status).toBe(503);
  });

  it('finishes the requests it has taken before it goes', async () => {
    const api = await stack.startApi();
    let goOn = (): void => undefined;
    const mayGoOn = new Promise<void>((resolve) => (goOn = resolve));
    const isTaken = new Promise<void>((came) => (heldUp = { came, mayGoOn }));
    const answer = bot.submit({ key: 'in flight' });
    await isTaken;
    const closed = api.close();
    // No new connection is taken any more, and the answer is still to come.
    await until(async () => isRefused(api.port), Boolean);
    heldUp = null;
    goOn();
    expect((await answer).status).toBe(202);
    await closed;
    await expect(fetch(`${api.url}/health/live`)).rejects.toThrow();
    await expect(fetch(`${api.url}/health/live`)).rejects.toThrow();
    await stack.startApi();
  });
});
