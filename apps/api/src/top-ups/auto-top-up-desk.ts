// API room. A bundle that is bought by itself: set by whoever answers for the account, shown as it stands. Buying is a
// workflow's; this room only says that somebody should look.
import { AUTO_TOP_UP_WORKFLOW, autoTopUpWorkflowId, creditsFellSignal } from '@fairmeter/contracts';
import { accountScope, instant, topUpState } from '@fairmeter/domain';
import { calendarMonthAt } from '@fairmeter/domain/time';
import { readBook } from '@fairmeter/ledger/reads';
import type { ApiConfig, Clock, Logger } from '@fairmeter/platform';
import type { EntityManager } from '@fairmeter/platform/database';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { AutoTopUpSettings, SetAutoTopUp } from '@fairmeter/records';
import { findAutoTopUp, findBundle, readAccount, setAutoTopUp, standingOfTopUp } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import { environmentOfAsking } from '../callers/environment.js';
import type { Asked } from '../changes/changes.js';
import { AdmissionClient } from '../jobs/admission-client.js';
import { AccountChanges } from '../people/account-changes.js';
import { ProblemError, validationFailed } from '../problems/problem-error.js';
import { API_CLOCK, API_CONFIG, API_LOGGER } from '../tokens.js';
import type { ShownTopUp } from './auto-top-up-body.js';

@Injectable()
export class AutoTopUpDesk {
  constructor(
    private readonly database: TenantDatabase,
    private readonly changes: AccountChanges,
    private readonly temporal: AdmissionClient,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(API_CLOCK) private readonly clock: Clock,
    @Inject(API_LOGGER) private readonly logger: Logger,
  ) {}

  /** Null where it was never set. */
  async shown(caller: Caller): Promise<ShownTopUp | null> {
    return this.database.asTenant(tenantOf(caller), async (tx) => this.shownIn(tx, caller.accountId));
  }

  /** Who sets it answers for what it buys. What is too little already is bought at once. */
  async set(asked: Asked, wish: Omit<AutoTopUpSettings, 'setBy'>): Promise<void> {
    const { accountId, subject: setBy } = tenantOf(asked.caller);
    await this.changes.make(asked, wish.enabled ? 'set_up' : 'end_work', async ({ tx, note }) => {
      const before = await findAutoTopUp(tx, accountId);
      // Whoever stops it need not find another bundle first.
      if (wish.enabled || before?.productId !== wish.productId) await admitBundle(tx, wish);
      await setAutoTopUp(tx, accountId, { ...wish, setBy });
      const after = await findAutoTopUp(tx, accountId);
      await note({ action: 'auto_top_up.set', targetId: accountId, before: told(before), after: told(after) });
    });
    await this.haveLooked(accountId);
  }

  /** Somebody was refused for want of credits: what ended by itself, with a day or a period, nobody else tells of. */
  async heardOfZero(caller: Caller): Promise<void> {
    if (environmentOfAsking(caller) !== 'live') return;
    const shown = await this.shown(caller);
    if (shown?.state === 'ready') await this.haveLooked(caller.accountId);
  }

  /** Whoever is not reached now hears of it with the next thing that happens to the account's credits. */
  private async haveLooked(accountId: string): Promise<void> {
    try {
      await this.temporal.signalOrStart(creditsFellSignal, {
        workflow: AUTO_TOP_UP_WORKFLOW,
        workflowId: autoTopUpWorkflowId(accountId),
        input: { accountId },
        deadline: this.clock.now() + this.config.admitDeadlineMs,
      });
    } catch (error) {
      this.logger.warn({ accountId, err: error }, 'nobody could be told to look whether credits are to be bought');
    }
  }

  private async shownIn(tx: EntityManager, accountId: string): Promise<ShownTopUp | null> {
    const now = instant(this.clock.now());
    const [topUp, account] = [await findAutoTopUp(tx, accountId), await readAccount(tx, accountId)];
    if (topUp === null || account === null) return null;
    const { book } = await readBook(tx, { scopeId: accountScope(accountId), clockNow: now });
    const month = calendarMonthAt(account.timeZone, now);
    const standing = await standingOfTopUp(tx, topUp, {
      accountStatus: account.status,
      owes: book.debt > 0n,
      monthStart: month.start,
    });
    const policy = { retryAfterFailureMs: this.config.topUpRetryAfterFailureMs };
    const { failedAt } = topUp;
    return {
      standing,
      state: topUpState(standing, now, policy),
      monthEnd: month.end,
      triesAgainAt: failedAt === null ? null : instant(failedAt + policy.retryAfterFailureMs),
    };
  }
}

/** What could never be bought under it is refused when it is set, and not found out at zero. */
async function admitBundle(
  tx: EntityManager,
  { productId, monthlyCap }: Omit<AutoTopUpSettings, 'setBy'>,
): Promise<void> {
  const bundle = await findBundle(tx, productId);
  if (bundle === null) throw new ProblemError('product_not_found', 'There is no such offer.');
  const { minor, currency } = bundle.price;
  if (monthlyCap.currency === currency && monthlyCap.minor >= minor) return;
  const message = `must be at least the price of one bundle, ${minor} ${currency}`;
  throw validationFailed([{ pointer: '/monthly_cap', message }]);
}

function told(topUp: SetAutoTopUp | null): { [name: string]: string | boolean } | null {
  if (topUp === null) return null;
  return {
    enabled: topUp.enabled,
    threshold_micro_credits: topUp.threshold.toString(),
    product_id: topUp.productId,
    monthly_cap_minor: topUp.monthlyCapMinor.toString(),
    iso_4217: topUp.currency,
  };
}
