// Platform room. Spans for whoever collects them. Without a collector nothing of OpenTelemetry is loaded and a span is
// a plain call that hands its parent's trace on.
import type { Span, Tracer } from '@opentelemetry/api';
import type * as OpenTelemetry from '@opentelemetry/api';
import { formatTraceparent, newTraceparent, parseTraceparent } from './traceparent.js';

export interface ActiveSpan {
  /** What to hand on: the next span becomes a child of this one. */
  readonly traceparent: string;
  setAttributes(attributes: SpanAttributes): void;
}

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;
export type SpanWork<T> = (span: ActiveSpan) => Promise<T>;

export interface SpanStart {
  readonly name: string;
  /** The parent; a new trace begins where it is none. */
  readonly traceparent: string;
  readonly attributes?: SpanAttributes;
}

export interface Tracing {
  span<T>(start: SpanStart, work: SpanWork<T>): Promise<T>;
  /** Sends what is still waiting. */
  close(): Promise<void>;
}

export const noTracing: Tracing = Object.freeze({
  span: async <T>(start: SpanStart, work: SpanWork<T>) =>
    work({
      traceparent: parseTraceparent(start.traceparent) === undefined ? newTraceparent() : start.traceparent,
      setAttributes: () => undefined,
    }),
  close: async () => Promise.resolve(),
});

export interface TracingOptions {
  readonly service: string;
  readonly version?: string;
  /** Base URL of an OTLP/HTTP collector; undefined means no tracing at all. */
  readonly endpoint: string | undefined;
}

export async function openTracing(options: TracingOptions): Promise<Tracing> {
  if (options.endpoint === undefined) return noTracing;
  const [api, sdk, otlp, resources] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const exporter = new otlp.OTLPTraceExporter({ url: `${options.endpoint.replace(/\/+$/, '')}/v1/traces` });
  const provider = new sdk.NodeTracerProvider({
    resource: resources.resourceFromAttributes({
      'service.name': options.service,
      'service.version': options.version ?? 'dev',
    }),
    spanProcessors: [new sdk.BatchSpanProcessor(exporter, { scheduledDelayMillis: 1_000 })],
  });
  // The provider is not made global: two tracers can live in one process, and nothing is instrumented behind our back.
  const tracer = provider.getTracer('fairmeter');
  return {
    span: async (start, work) => spanOf({ api, tracer }, start, work),
    close: async () => {
      await provider.shutdown();
    },
  };
}

interface Collector {
  readonly api: typeof OpenTelemetry;
  readonly tracer: Tracer;
}

async function spanOf<T>({ api, tracer }: Collector, start: SpanStart, work: SpanWork<T>): Promise<T> {
  const parent = parseTraceparent(start.traceparent);
  const context =
    parent === undefined
      ? api.ROOT_CONTEXT
      : api.trace.setSpanContext(api.ROOT_CONTEXT, {
          traceId: parent.traceId,
          spanId: parent.spanId,
          traceFlags: parent.sampled ? api.TraceFlags.SAMPLED : api.TraceFlags.NONE,
          isRemote: true,
        });
  const span = tracer.startSpan(start.name, { attributes: { ...start.attributes } }, context);
  try {
    return await work({
      traceparent: traceparentOf(span),
      setAttributes: (attributes) => {
        span.setAttributes({ ...attributes });
      },
    });
  } catch (error) {
    // The kind alone: messages of the world can hold what people wrote.
    span.setStatus({ code: api.SpanStatusCode.ERROR });
    span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown');
    throw error;
  } finally {
    span.end();
  }
}

function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return formatTraceparent({ traceId, spanId, sampled: (traceFlags & 1) === 1 });
}

let installed: Tracing = noTracing;

/** A process has one tracing, set by its `main` before it serves anything. */
export function installTracing(tracing: Tracing): void {
  installed = tracing;
}

/** For every layer that has a traceparent at hand: does `work` inside a span of the process's tracing. */
export async function startSpan<T>(start: SpanStart, work: SpanWork<T>): Promise<T> {
  return installed.span(start, work);
}
