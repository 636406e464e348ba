// Platform room. Alerts as a gauge by code, 0 where all is well, measured whenever somebody reads the metrics.
import type { Registry } from 'prom-client';
import { Gauge } from 'prom-client';

interface Raised {
  readonly code: string;
  readonly figure: number;
}

/** What cannot be measured keeps nobody from the other metrics: it is missing then. */
export function alertMetric(
  registry: Registry,
  codes: readonly string[],
  measure: () => Promise<readonly Raised[]>,
): void {
  new Gauge({
    name: 'fairmeter_alert',
    help: 'Alerts by code: how many of what it is about, or milliseconds of clocks and late passes. 0 is well.',
    labelNames: ['code'] as const,
    registers: [registry],
    async collect() {
      this.reset();
      const raised = await measure().catch(() => null);
      if (raised === null) return;
      for (const code of codes) this.set({ code }, raised.find((alert) => alert.code === code)?.figure ?? 0);
    },
  });
}
