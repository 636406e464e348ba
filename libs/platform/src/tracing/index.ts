// Platform's tracing: a trace id on everything, spans where a collector is configured.
export { formatTraceparent, newTraceparent, parseTraceparent, traceIdOf, type TraceContext } from './traceparent.js';
export {
  installTracing,
  noTracing,
  openTracing,
  startSpan,
  type ActiveSpan,
  type SpanAttributes,
  type SpanStart,
  type SpanWork,
  type Tracing,
  type TracingOptions,
} from './tracing.js';
