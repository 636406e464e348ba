// API room. How often visitors may ask for work: each of them, and each place they ask from, so that nobody drains what
// a bot gives away.
import type { ApiConfig } from '@fairmeter/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { VisitorCaller } from '../callers/caller.js';
import type { Rate } from '../requests/rates.js';
import { Rates } from '../requests/rates.js';
import { API_CONFIG } from '../tokens.js';
import { networkOf } from './address.js';
import { hiddenOf } from './hidden.js';

@Injectable()
export class VisitorRates {
  constructor(
    private readonly rates: Rates,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
  ) {}

  async take({ countedAs }: VisitorCaller, address: string): Promise<void> {
    const { jobsPerMinute, addressJobsPerMinute } = this.config.visitors;
    // Whoever is refused for the place has not paid with what is their own.
    await this.rates.take(
      rate('visitor', countedAs, jobsPerMinute),
      rate('address', hiddenOf(this.config, 'address', networkOf(address)), addressJobsPerMinute),
    );
  }
}

function rate(per: 'visitor' | 'address', who: string, most: number): Rate {
  return { per, name: `${per}/${who}`, most, within: 'minute' };
}
