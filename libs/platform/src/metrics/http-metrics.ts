// Platform room. What a door counts: how long each route takes, what became of submits, how many streams are open.
import type { Registry } from 'prom-client';
import { Counter, Gauge, Histogram } from 'prom-client';

/** Fine around the bounds we promise: admission below 300 ms. */
const SECONDS = [0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2.5, 5, 10];

export interface HttpMetrics {
  readonly requests: Histogram<'route' | 'method' | 'status'>;
  /** `admitted`, `replayed`, `unknown`, or the code of the refusal. */
  readonly admissions: Counter<'outcome'>;
  readonly openStreams: Gauge;
}

export function httpMetrics(registry: Registry): HttpMetrics {
  return {
    requests: new Histogram({
      name: 'fairmeter_http_request_duration_seconds',
      help: 'Time from the request to the end of its answer, by route pattern.',
      labelNames: ['route', 'method', 'status'] as const,
      buckets: SECONDS,
      registers: [registry],
    }),
    admissions: new Counter({
      name: 'fairmeter_admissions_total',
      help: 'Submitted jobs by what became of them.',
      labelNames: ['outcome'] as const,
      registers: [registry],
    }),
    openStreams: new Gauge({
      name: 'fairmeter_event_streams_open',
      help: 'Event streams being served at the moment.',
      registers: [registry],
    }),
  };
}
