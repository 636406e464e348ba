// API room. Builds the process from its configuration, listens, and takes it down in order.
import 'reflect-metadata';
import { ledgerEntities } from '@fairmeter/ledger/reads';
import type { ApiConfig, Logger } from '@fairmeter/platform';
import { createRegistry, httpMetrics, nestLogger, systemClock } from '@fairmeter/platform';
import { TenantDatabase } from '@fairmeter/platform/database';
import { recordsEntities } from '@fairmeter/records';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiModule } from './api.module.js';
import type { ApiParts } from './api.module.js';
import { AdmissionClient } from './jobs/admission-client.js';
import { admit, admitBot } from './callers/caller.guard.js';
import { Callers } from './callers/callers.js';
import { serveDocs } from './openapi/docs.js';
import { openApiDocument } from './openapi/document.js';
import { ProblemsFilter } from './problems/problems.filter.js';
import { RouteBook } from './problems/route-book.js';
import { answerUnreadable } from './problems/unreadable-requests.js';
import { hookRequests } from './requests/request-hooks.js';
import { keepRawBody } from './requests/raw-body.js';
import { SilentConnections } from './requests/silent-connections.js';

export interface RunningApi {
  readonly url: string;
  readonly port: number;
  /** All that it serves. */
  readonly routes: RouteBook;
  /** Ends streams, drains requests within the grace period, closes what was opened. Safe to call twice. */
  close(): Promise<void>;
}

const MAX_PARAM_LENGTH = 1_024;
const REQUEST_ARRIVES_WITHIN_MS = 30_000;
/** Longer than usual load balancers keep idle connections, so that they and not we close them. */
const KEEP_ALIVE_MS = 75_000;
const SWEEP_MS = 50;

/** Paths that take files, as Nest hands them to the router. Who may not ask is told before a byte of them is read. */
const LARGE_INPUTS: ReadonlySet<string> = new Set(['/v1/bots/:bot_id/jobs', '/v1/quotes']);
/** Paths whose bodies are believed by a signature over their bytes. */
const SIGNED_BODIES: ReadonlySet<string> = new Set(['/v1/payments/stripe', '/v1/inbound/email']);
const BODY_AROUND_INPUT = 65_536;

/** Room for what JSON adds: a line break is two bytes there, a character of three bytes may be written as six. */
function largeBodyLimit(config: ApiConfig): number {
  return Math.max(config.bodyLimitBytes, 2 * config.inputLimitBytes + BODY_AROUND_INPUT);
}

export async function startApi(config: ApiConfig, logger: Logger): Promise<RunningApi> {
  const registry = createRegistry({ service: 'api', version: config.buildVersion });
  const database = await TenantDatabase.open({
    url: config.databaseUrl,
    maxConnections: config.databasePoolMax,
    entities: [...ledgerEntities, ...recordsEntities],
    applicationName: 'fairmeter-api',
    // It writes prompts alone, and the admission's own commit, which comes later, takes them to disk as well.
    waitForDisk: false,
    answersWithinMs: config.databaseAnswersWithinMs,
  });
  const temporal = AdmissionClient.open(config.temporal);
  const closeWorld = async () => {
    await temporal.close().catch((error: unknown) => {
      logger.debug({ err: error }, 'closing the Temporal connection failed');
    });
    await database.close();
  };
  const routes = new RouteBook();
  try {
    const app = await buildApp({
      config,
      logger,
      registry,
      database,
      temporal,
      clock: systemClock,
      metrics: httpMetrics(registry),
      routes,
    });
    const silent = new SilentConnections(app.getHttpServer());
    await app.listen({ host: config.host, port: config.port });
    const port = listeningPort(app);
    const url = `http://${urlHost(config.host)}:${port}`;
    return { port, url, routes, close: closer(app, config, { silent, closeWorld }) };
  } catch (error) {
    await closeWorld();
    throw error;
  }
}

/** The framework would turn the errors of its HTTP server into errors of its own, without their codes. */
class PlainAdapter extends FastifyAdapter {
  override mapException(error: unknown): unknown {
    return error;
  }
}

async function buildApp(parts: ApiParts): Promise<NestFastifyApplication> {
  const { config, logger, routes } = parts;
  const late: { filter?: ProblemsFilter; callers?: Callers } = {};
  const adapter = new PlainAdapter({
    logger: false,
    bodyLimit: config.bodyLimitBytes,
    // Nobody's word is taken for where a request comes from unless the configuration names whose.
    trustProxy: proxiesOf(config),
    requestTimeout: REQUEST_ARRIVES_WITHIN_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // While draining, a request on an open connection is still served, and told to close it.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    skipMiddie: true,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH, ignoreTrailingSlash: true },
    clientErrorHandler: answerUnreadable(config.publicUrl),
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      late.filter?.answer(error, request, reply);
    },
  } as ConstructorParameters<typeof PlainAdapter>[0]);
  const fastify = adapter.getInstance<FastifyInstance>();
  // The framework reads plain text as well; this API takes JSON alone.
  fastify.removeContentTypeParser('text/plain');
  fastify.addHook('onRoute', (route) => {
    routes.note(route.method, route.url);
    if (SIGNED_BODIES.has(route.url)) route.preParsing = keepRawBody;
    if (route.method !== 'POST' || !LARGE_INPUTS.has(route.url)) return;
    route.bodyLimit = largeBodyLimit(config);
    route.onRequest = async (request: FastifyRequest) => {
      if (late.callers !== undefined) await admitSender(late.callers, request);
    };
  });
  hookRequests(fastify, logger, parts.metrics);
  const app = await NestFactory.create<NestFastifyApplication>(ApiModule.of(parts), adapter, {
    logger: nestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  });
  late.filter = app.get(ProblemsFilter);
  late.callers = app.get(Callers);
  app.useGlobalFilters(late.filter);
  serveDocs(fastify, () => openApiDocument(app, config));
  await app.init();
  return app;
}

function proxiesOf({ trustProxy }: ApiConfig): false | number | string[] {
  return trustProxy === false || typeof trustProxy === 'number' ? trustProxy : [...trustProxy];
}

/** As the routes themselves do once the body is there. */
async function admitSender(callers: Callers, request: FastifyRequest): Promise<void> {
  const caller = await callers.callerOf(request);
  admit(caller, 'submitJob');
  const { bot_id: botId } = request.params as { readonly bot_id?: string };
  if (botId !== undefined) admitBot(caller, botId);
}

interface Around {
  readonly silent: SilentConnections;
  readonly closeWorld: () => Promise<void>;
}

function closer(app: NestFastifyApplication, config: ApiConfig, { silent, closeWorld }: Around): () => Promise<void> {
  let closing: Promise<void> | undefined;
  const close = async () => {
    const server = app.getHttpServer();
    // A connection whose last answer is out is idle again, and would be waited for until its client lets go.
    const sweep = setInterval(() => {
      server.closeIdleConnections();
      silent.close();
    }, SWEEP_MS);
    const cut = setTimeout(() => {
      server.closeAllConnections();
    }, config.shutdownGraceMs);
    try {
      await app.close();
    } finally {
      clearInterval(sweep);
      clearTimeout(cut);
      await closeWorld();
    }
  };
  return async () => (closing ??= close());
}

function listeningPort(app: NestFastifyApplication): number {
  const address: unknown = app.getHttpServer().address();
  if (typeof address !== 'object' || address === null || !('port' in address)) {
    throw new Error('the API listens on no port');
  }
  return Number(address.port);
}

function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
