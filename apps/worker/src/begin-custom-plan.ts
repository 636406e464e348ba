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

/**
 * Refused now is answered too: says by what, for whoever keeps the log, and null where it was heard. One that ends over
 * it, as with an account that is being closed, has not answered: who looks again finds the account closed.
 */
export async function changeToAgreed(
  temporal: Temporal,
  { customPlanRequestId, planId, agreedBy, account }: UntoldPlan,
  requestId: string,
): Promise<Error | null> {
  const subject = { kind: 'account', accountId: account.accountId } as const;
  const workflowId = subscriptionWorkflowId(subject);
  await beginRun(temporal, {
    workflow: ACCOUNT_SUBSCRIPTION_WORKFLOW,
    workflowId,
    input: { subject, zone: account.timeZone, planId: account.planId },
  });
  // By its name: the run that was met may go on from others, and is not found as the first of them.
  const subscription = temporal.client.workflow.getHandle(workflowId);
  const wish = { planId, actor: { role: 'admin', id: agreedBy }, requestId };
  let refusal: Error | null = null;
  for (const updateId of changeIds(customPlanRequestId, requestId)) {
    try {
      await temporal.client.withDeadline(Date.now() + WITHIN_MS, async () =>
        subscription.executeUpdate(changePlanUpdate, { updateId, args: [wish] }),
      );
      return null;
    } catch (error) {
      if (!wasUpdateRefused(error)) throw error;
      refusal = error;
    }
  }
  return refusal;
}

/**
 * What was refused under the names that the API asks by may have been refused long ago: it is decided anew under one of
 * our own, once nothing is under way by those.
 */
function changeIds(customPlanRequestId: string, requestId: string): readonly string[] {
  const name = customPlanChangeId(customPlanRequestId);
  return [name, `${name}/${requestId}`, `${name}/${requestId}/later`];
}
