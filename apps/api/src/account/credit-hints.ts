// API room. What would help an account before it stands at zero: asked apart from the figures, which are read far more
// often, and only by whoever may buy.
import type { BundleHint, CreditsPace, Funding, Instant, PeriodPace } from '@fairmeter/domain';
import { add, BUNDLE_HINT_CODES, bundleHints, instant, instantToText, netOf, ZERO } from '@fairmeter/domain';
import type { LotView } from '@fairmeter/ledger/reads';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { Caller } from '../callers/caller.js';
import { environmentOfAsking } from '../callers/environment.js';
import { instantText } from '../jobs/job-body.js';
import { UsageReader } from '../usage/usage-reader.js';
import { AccountReader } from './account-reader.js';

export const creditHintsBody = z.object({
  as_of: instantText,
  period_end: instantText.nullable().describe('When the plan brings new credits.'),
  data: z.array(
    z.object({
      code: z.enum(BUNDLE_HINT_CODES).describe('Stable; decide by this.'),
      text: z.string().describe('For people.'),
      measure: z.string().describe('What is measured.'),
      figure: z.int().describe('What was measured.'),
      from: z.int().describe('The hint is given from this figure on.'),
      link: z.string().describe('What may be bought.'),
    }),
  ),
});
export type CreditHintsBody = z.output<typeof creditHintsBody>;

const TEXTS: Readonly<Record<BundleHint['code'], string>> = {
  bundle_for_spike:
    'Far more was used in the last day than on an average one, and at this pace it does not last until the next ' +
    'period. A bundle does not expire.',
  bundle_before_renewal: 'Little is left of this period, and it ends soon. A bundle bridges the days, and stays after.',
};

export interface HintsOfCredits {
  readonly pace: CreditsPace;
  readonly hints: readonly BundleHint[];
}

const BY_VISITORS: Funding = 'end_user';
const DAY_MS = 86_400_000;
const DAYS_BEFORE = 7;
/** The lot of the present period is among the live ones, or the newest of those used up. */
const LOTS_READ = 100;

@Injectable()
export class CreditHints {
  constructor(
    private readonly account: AccountReader,
    private readonly usage: UsageReader,
  ) {}

  async read(caller: Caller): Promise<HintsOfCredits> {
    const environment = environmentOfAsking(caller);
    // Of the instant that the account has reached: what was written last counts in, by whichever clock.
    const { available, asOf: now } = await this.account.credits(caller, { environment });
    const yesterday = instant(now - DAY_MS);
    const pace: CreditsPace = {
      now,
      available,
      period: await this.period(caller),
      lastDay: await this.spent(caller, yesterday, instant(now + 1)),
      before: {
        spent: await this.spent(caller, instant(yesterday - DAYS_BEFORE * DAY_MS), yesterday),
        days: DAYS_BEFORE,
      },
    };
    // A month of tests is given: nobody buys more of it.
    return { pace, hints: environment === 'live' ? bundleHints(pace) : [] };
  }

  /** The present one of a plan that brings credits by the period; null where none does. */
  async period(caller: Caller): Promise<PeriodPace | null> {
    const { page } = await this.account.lots(caller, {
      environment: environmentOfAsking(caller),
      include_ended: true,
      limit: LOTS_READ,
    });
    return periodOf(page.lots);
  }

  /** `to` is not included. */
  private async spent(caller: Caller, from: Instant, to: Instant): Promise<CreditsPace['lastDay']> {
    const { view } = await this.usage.usage(caller, {
      environment: environmentOfAsking(caller),
      from,
      to,
      group_by: ['funding'],
    });
    // What visitors paid for themselves was none of the account's.
    return add(ZERO, ...view.rows.filter(({ keys: [funding] }) => funding !== BY_VISITORS).map(netOf));
  }
}

function periodOf(lots: readonly LotView[]): PeriodPace | null {
  const lot = lots.find(({ kind, state }) => kind === 'subscription' && (state === 'live' || state === 'used_up'));
  if (lot === undefined || lot.expiresAt === null) return null;
  return { start: lot.validFrom, end: lot.expiresAt, granted: lot.granted, left: lot.open };
}

export function toCreditHintsBody({ pace, hints }: HintsOfCredits): CreditHintsBody {
  return {
    as_of: instantToText(pace.now),
    period_end: pace.period === null ? null : instantToText(pace.period.end),
    data: hints.map((hint) => ({ ...hint, text: TEXTS[hint.code], link: '/v1/offers' })),
  };
}
