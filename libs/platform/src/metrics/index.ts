// Platform's metrics: one registry for each process, and a place to read it.
export { alertMetric } from './alert-metric.js';
export { httpMetrics, type HttpMetrics } from './http-metrics.js';
export {
  freeLoopbackPort,
  startMetricsServer,
  type MetricsServer,
  type MetricsServerOptions,
} from './metrics-server.js';
export { ProcessSigns, type SignCount } from './process-signs.js';
export { createRegistry, type Registry } from './registry.js';
