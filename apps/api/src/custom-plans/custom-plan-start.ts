// API room. What was agreed takes effect as any change of the account's subscription: with the renewal of what is paid,
// or at once where nothing is paid yet.
import { changePlanUpdate, customPlanChangeId } from '@fairmeter/contracts';
import { customPlanOf } from '@fairmeter/domain';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { CustomPlanOffer, CustomPlanRequest } from '@fairmeter/records';
import { readAccount } from '@fairmeter/records';
import { Injectable } from '@nestjs/common';
import type { StaffCaller } from '../callers/caller.js';
import { actorOf, tenantOfStaff } from '../callers/caller.js';
import { SubscriptionCalls } from '../subscription/subscription-calls.js';
import { inputOf } from '../subscription/subscription-openings.js';

export interface CustomPlanStarted {
  readonly staff: StaffCaller;
  readonly requestId: string;
  readonly request: CustomPlanRequest;
  readonly offer: CustomPlanOffer;
}

@Injectable()
export class CustomPlanStart {
  constructor(
    private readonly database: TenantDatabase,
    private readonly calls: SubscriptionCalls,
  ) {}

  /** Asked once under the request's name, however often it is said. */
  async begin({ staff, requestId, request, offer }: CustomPlanStarted): Promise<void> {
    const { accountId, id } = request;
    const { planId } = customPlanOf(request, offer.figures);
    const tenant = tenantOfStaff(staff, accountId);
    const account = await this.database.asTenant(tenant, async (tx) => readAccount(tx, accountId));
    // Accounts of before there were subscriptions have none: the plan is there, and nothing that could go over to it.
    if (account === null || account.subscription === 'none' || account.planId === planId) return;
    await this.calls.ask(changePlanUpdate, {
      input: inputOf(account),
      name: customPlanChangeId(id),
      requestId,
      args: [{ planId, actor: actorOf(staff), requestId }],
    });
  }
}
