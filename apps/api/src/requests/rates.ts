// API room. How often something may be asked for, counted in the database: for all processes of this API together.
import { TenantDatabase } from '@fairmeter/platform/database';
import { takeRate } from '@fairmeter/records';
import { Injectable } from '@nestjs/common';
import { ProblemError } from '../problems/problem-error.js';

const LASTS_MS = { minute: 60_000, hour: 3_600_000 } as const;

export interface Rate {
  /** Whose it is, as the answer names it. */
  readonly per: string;
  /** What is counted under one name; nothing that says who somebody is. */
  readonly name: string;
  readonly most: number;
  readonly within: keyof typeof LASTS_MS;
}

@Injectable()
export class Rates {
  constructor(private readonly database: TenantDatabase) {}

  /** Takes one, or says when there is room again. */
  async take({ per, name, most, within }: Rate): Promise<void> {
    const waitMs = await this.database.beforeTenant(async (tx) =>
      takeRate(tx, name, { most, withinMs: LASTS_MS[within] }),
    );
    if (waitMs === 0) return;
    throw new ProblemError('rate_limited', 'Too many requests in a short time. Wait a little, then ask again.', {
      members: { per, [`limit_per_${within}`]: most },
      headers: { 'retry-after': String(Math.ceil(waitMs / 1_000)) },
    });
  }
}
