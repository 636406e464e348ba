// API room. A no for lack of credits, as whoever owns them hears it: with what is open to this owner now. Somebody else
// of the account, and every key, can only tell the owner.
import { PROBLEMS } from '@fairmeter/contracts';
import type { CreditOption } from '@fairmeter/domain';
import { instant, nextTier, plansInForce } from '@fairmeter/domain';
import type { Clock, Logger } from '@fairmeter/platform';
import { TenantDatabase } from '@fairmeter/platform/database';
import { listPlans, readAccount } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import { ProblemError } from '../problems/problem-error.js';
import { readOffersFor, whyNothing } from '../purchases/order.js';
import { API_CLOCK, API_LOGGER } from '../tokens.js';
import { AutoTopUpDesk } from '../top-ups/auto-top-up-desk.js';

const PAYMENT_REQUIRED = 402;

@Injectable()
export class OwnerRefusals {
  constructor(
    private readonly database: TenantDatabase,
    private readonly topUps: AutoTopUpDesk,
    @Inject(API_CLOCK) private readonly clock: Clock,
    @Inject(API_LOGGER) private readonly logger: Logger,
  ) {}

  /** Any other error stays what it is. */
  async heard(error: unknown, caller: Caller): Promise<unknown> {
    if (!(error instanceof ProblemError) || PROBLEMS[error.code].status !== PAYMENT_REQUIRED) return error;
    if (error.code === 'credits_exhausted') {
      await this.topUps.heardOfZero(caller).catch((failure: unknown) => {
        this.logger.warn({ err: failure }, 'it is not known whether credits are to be bought');
      });
    }
    const { options } = error.members;
    if (caller.role !== 'owner' || !Array.isArray(options)) return error;
    const open = await this.openTo(caller, options as readonly CreditOption[]);
    return new ProblemError(error.code, error.detail, {
      members: { ...error.members, options: open },
      headers: error.headers,
    });
  }

  /** Nobody is sent to buy what is not sold, or above the top tier: there it is a plan of its own that helps. */
  private async openTo(caller: Caller, options: readonly CreditOption[]): Promise<readonly CreditOption[]> {
    const now = instant(this.clock.now());
    return this.database.asTenant(tenantOf(caller), async (tx) => {
      const mayBuy = (await whyNothing(tx, caller, now)) === null && (await readOffersFor(tx, caller)).length > 0;
      const account = await readAccount(tx, caller.accountId);
      const plans = plansInForce(await listPlans(tx), now);
      const plan = plans.find(({ planId }) => planId === account?.planId);
      const isOnTop = plan === undefined || nextTier(plan, plans) === undefined;
      const openOptions = mayBuy ? options : options.filter((option) => option !== 'buy_bundle');
      return openOptions.map((option) => (option === 'upgrade' && isOnTop ? 'custom_plan' : option));
    });
  }
}
