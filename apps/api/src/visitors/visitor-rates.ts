// API room. How often visitors may ask for work: each of them, and each place they ask from, so that nobody drains what
// a bot gives away. Counted in the database, for all processes of this API together.
import type { ApiConfig } from '@fairmeter/platform';
import { TenantDatabase } from '@fairmeter/platform/database';
import { takeRate } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { VisitorCaller } from '../callers/caller.js';
import { ProblemError } from '../problems/problem-error.js';
import { API_CONFIG } from '../tokens.js';
import { networkOf } from './address.js';
import { hiddenOf } from './hidden.js';

@Injectable()
export class VisitorRates {
  constructor(
    private readonly database: TenantDatabase,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
  ) {}

  async take({ countedAs }: VisitorCaller, address: string): Promise<void> {
    const { jobsPerMinute, addressJobsPerMinute } = this.config.visitors;
    await this.takeOne('visitor', countedAs, jobsPerMinute);
    await this.takeOne('address', hiddenOf(this.config, 'address', networkOf(address)), addressJobsPerMinute);
  }

  private async takeOne(per: 'visitor' | 'address', who: string, perMinute: number): Promise<void> {
    const waitMs = await this.database.beforeTenant(async (tx) => takeRate(tx, `${per}/${who}`, perMinute));
    if (waitMs === 0) return;
    throw new ProblemError('rate_limited', 'Too many requests in a short time. Wait a little, then ask again.', {
      members: { per, limit_per_minute: perMinute },
      headers: { 'retry-after': String(Math.ceil(waitMs / 1_000)) },
    });
  }
}
