// API room. How often something may be asked for, counted in the database: for all processes of this API together.
import { TenantDatabase } from '@fairmeter/platform/database';
import { takeRates } from '@fairmeter/records';
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

interface Refused {
  readonly refused: Rate;
  readonly waitMs: number;
}

@Injectable()
export class Rates {
  constructor(private readonly database: TenantDatabase) {}

  /** Takes one of each, or none, and says when there is room again. */
  async take(...rates: readonly Rate[]): Promise<void> {
    const without = await this.without(rates);
    if (without === null) return;
    const { per, most, within } = without.refused;
    throw new ProblemError('rate_limited', 'Too many requests in a short time. Wait a little, then ask again.', {
      members: { per, [`limit_per_${within}`]: most },
      headers: { 'retry-after': String(Math.ceil(without.waitMs / 1_000)) },
    });
  }

  /** The same for what is left undone where there is no room: whether there was. */
  async takeIfFree(...rates: readonly Rate[]): Promise<boolean> {
    return (await this.without(rates)) === null;
  }

  private async without(rates: readonly Rate[]): Promise<Refused | null> {
    const asked = rates.map((rate) => ({ ...rate, withinMs: LASTS_MS[rate.within] }));
    return this.database.beforeTenant(async (tx) => takeRates(tx, asked));
  }
}
