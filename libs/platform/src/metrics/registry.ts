// Platform room. Each process has one registry; Prometheus reads it as text.
import { collectDefaultMetrics, Registry } from 'prom-client';

export type { Registry } from 'prom-client';

export function createRegistry(options: { readonly service: string; readonly version?: string }): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service: options.service, version: options.version ?? 'dev' });
  collectDefaultMetrics({ register: registry });
  return registry;
}
