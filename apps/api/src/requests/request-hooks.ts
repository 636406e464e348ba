// API room. What happens around every request: ids and trace before it, one log line and one measurement after it.
import type { HttpMetrics, Logger } from '@fairmeter/platform';
import type { FastifyInstance } from 'fastify';
import { contextOf, openContext } from './request-context.js';

/** Probes and scrapes come every few seconds and say nothing: their lines are for debugging. */
const QUIET = /^\/(health\/|metrics$)/;
const UNKNOWN_ROUTE = 'none';

export function hookRequests(fastify: FastifyInstance, logger: Logger, metrics: HttpMetrics): void {
  // Declared before the first request, so that all requests have one shape.
  fastify.decorateRequest('context', null as never);
  fastify.decorateRequest('caller', null);
  fastify.decorateRequest('rawBody', null);
  fastify.addHook('onRequest', (request, reply, done) => {
    request.context = openContext(request.headers);
    void reply.header('x-request-id', request.context.requestId);
    done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const { requestId, traceId, startedAt } = contextOf(request);
    const milliseconds = performance.now() - startedAt;
    // The pattern and never the path: ids would make a time series each.
    const route = request.routeOptions.url ?? UNKNOWN_ROUTE;
    const { method } = request;
    const status = reply.statusCode;
    metrics.requests.observe({ route, method, status: String(status) }, milliseconds / 1_000);
    const facts = { requestId, traceId, method, route, status, durationMs: Math.round(milliseconds * 10) / 10 };
    if (QUIET.test(route)) logger.debug(facts, 'request answered');
    else logger.info(facts, 'request answered');
    done();
  });
}
