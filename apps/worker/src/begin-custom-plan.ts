// Worker. What staff said to a request for a custom plan, where nobody has seen to it: Temporal was away, or the
// process died that was at it. What was decided stays so, and the account's subscription hears of its plan once.
import type { UntoldPlan } from '@fairmeter/activities';
import type { CustomPlanInput } from '@fairmeter/contracts';
import {
  ACCOUNT_SUBSCRIPTION_WORKFLOW,
  changePlanUpdate,
  CUSTOM_PLAN_WORKFLOW,
  customPlanChangeId,
  customPlanWorkflowId,
  subscriptionWorkflowId,
} from '@fairmeter/contracts';
import { wasUpdateRefused, type TemporalClient } from '@fairmeter/platform/temporal';
import { beginRun, WITHIN_MS } from './begin-run.js';

type Temporal = Pick<TemporalClient, 'client'>;

export async function decideCustomPlan(temporal: Temporal, said: CustomPlanInput): Promise<void> {
  const run = await beginRun(temporal, {
    workflow: CUSTOM_PLAN_WORKFLOW,
    workflowId: customPlanWorkflowId(said),
    input: said,
  });
  await temporal.client.withDeadline(Date.now() + WITHIN_MS, async () => {
    await run.result();
  });
}

/** Refused, as by an account that was closed meanwhile, is answered too. */
export async function changeToAgreed(
  temporal: Temporal,
  { customPlanRequestId, planId, agreedBy, account }: UntoldPlan,
  requestId: string,
): Promise<void> {
  const subject = { kind: 'account', accountId: account.accountId } as const;
  const run = await beginRun(temporal, {
    workflow: ACCOUNT_SUBSCRIPTION_WORKFLOW,
    workflowId: subscriptionWorkflowId(subject),
    input: { subject, zone: account.timeZone, planId: account.planId },
  });
  const wish = { planId, actor: { role: 'admin', id: agreedBy }, requestId };
  try {
    await temporal.client.withDeadline(Date.now() + WITHIN_MS, async () =>
      run.executeUpdate(changePlanUpdate, { updateId: customPlanChangeId(customPlanRequestId), args: [wish] }),
    );
  } catch (error) {
    if (!wasUpdateRefused(error)) throw error;
  }
}
