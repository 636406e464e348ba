// API room. What is worth saying beside a purchase: that bundles have become a habit, and a plan would cost less.
import type { Instant, UpgradeCheaper } from '@fairmeter/domain';
import { BUNDLES_OF_A_HABIT, instant, plansInForce, upgradeCheaper } from '@fairmeter/domain';
import type { Clock } from '@fairmeter/platform';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { Purchase } from '@fairmeter/records';
import { countBundlesUpTo, listPlans, readAccount } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import { CreditHints } from '../account/credit-hints.js';
import type { Caller } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import { API_CLOCK } from '../tokens.js';

/** Where no plan brings credits by the period. */
const USUAL_PERIOD_MS = 30 * 86_400_000;

@Injectable()
export class PurchaseHints {
  constructor(
    private readonly database: TenantDatabase,
    private readonly credits: CreditHints,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  /** Null where nothing is to be said: of what visitors buy, of a first bundle, and on the top tier. */
  async of(caller: Caller, purchase: Purchase): Promise<UpgradeCheaper | null> {
    if (purchase.lotKind !== 'bundle' || purchase.state !== 'paid') return null;
    const from = await this.periodStart(caller);
    return this.database.asTenant(tenantOf(caller), async (tx) => {
      if ((await countBundlesUpTo(tx, purchase, from)) < BUNDLES_OF_A_HABIT) return null;
      const account = await readAccount(tx, purchase.accountId);
      const plans = plansInForce(await listPlans(tx), instant(this.clock.now()));
      return upgradeCheaper(
        purchase,
        plans.find(({ planId }) => planId === account?.planId),
        plans,
      );
    });
  }

  private async periodStart(caller: Caller): Promise<Instant> {
    const period = await this.credits.period(caller);
    return period?.start ?? instant(this.clock.now() - USUAL_PERIOD_MS);
  }
}
