// API room. How often visitors may ask for work: each of them, and each place they ask from, so that nobody drains what
// a bot gives away. Counted in the database, for all processes of this API together.
import { createHmac } from 'node:crypto';
import type { ApiConfig } from '@fairmeter/platform';
import { secretBytes } from '@fairmeter/platform';
import { TenantDatabase } from '@fairmeter/platform/database';
import { takeRate } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { VisitorCaller } from '../callers/caller.js';
import { ProblemError } from '../problems/problem-error.js';
import { API_CONFIG } from '../tokens.js';
import { networkOf } from './address.js';

@Injectable()
export class VisitorRates {
  constructor(
    private readonly database: TenantDatabase,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
  ) {}

  async take({ visitorId }: VisitorCaller, address: string): Promise<void> {
    const { jobsPerMinute, addressJobsPerMinute } = this.config.visitors;
    await this.takeOne('visitor', visitorId, jobsPerMinute);
    await this.takeOne('address', this.hidden(networkOf(address)), addressJobsPerMinute);
  }

  private async takeOne(per: 'visitor' | 'address', who: string, perMinute: number): Promise<void> {
    const waitMs = await this.database.beforeTenant(async (tx) => takeRate(tx, `${per}/${who}`, perMinute));
    if (waitMs === 0) return;
    throw new ProblemError('rate_limited', 'Too many requests in a short time. Wait a little, then ask again.', {
      members: { per, limit_per_minute: perMinute },
      headers: { 'retry-after': String(Math.ceil(waitMs / 1_000)) },
    });
  }

  /** An address says who somebody is: what is kept of it for a minute can be compared and not read. */
  private hidden(network: string): string {
    const key = this.config.visitors.tokenKeys[0]?.secret ?? '';
    return createHmac('sha256', secretBytes(key)).update(network).digest('base64url');
  }
}
