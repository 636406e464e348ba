// API room. Alerts, from what the tables and the processes say at this moment: as a list, and as a metric that is
// measured when it is asked for.
import type { Alert, OperatingSigns } from '@fairmeter/domain';
import { ALERT_CODES, alertsOf, instant } from '@fairmeter/domain';
import type { Clock, Registry } from '@fairmeter/platform';
import { alertMetric } from '@fairmeter/platform';
import { TenantDatabase } from '@fairmeter/platform/database';
import { countOpenDrift, measureClock, readOverdueReviews, readProcesses, readReconcileMark } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import { API_CLOCK, API_REGISTRY } from '../tokens.js';

/** As reconciliation marks the end of a pass. */
const LAST_PASS = 'pass';
const THIS_PROCESS = 'api';

@Injectable()
export class Alerts {
  constructor(
    private readonly database: TenantDatabase,
    @Inject(API_CLOCK) private readonly clock: Clock,
    @Inject(API_REGISTRY) registry: Registry,
  ) {
    alertMetric(registry, ALERT_CODES, async () => this.now());
  }

  async now(): Promise<readonly Alert[]> {
    return alertsOf(await this.signs());
  }

  /** Figures alone, of no tenant. */
  private async signs(): Promise<OperatingSigns> {
    return this.database.beforeTenant(async (tx) => {
      const { databaseNow, aheadMs: clockAheadMs } = await measureClock(tx, this.clock);
      return {
        now: instant(databaseNow),
        drift: await countOpenDrift(tx),
        overdueReviews: await readOverdueReviews(tx),
        processes: [{ process: THIS_PROCESS, clockAheadMs, signs: {} }, ...(await readProcesses(tx))],
        lastPassAt: await readReconcileMark(tx, LAST_PASS),
      };
    });
  }
}
