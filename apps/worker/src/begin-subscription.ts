// Worker. Begins the subscription that an account came without, or whose run was lost: whoever signed up was let in
// while Temporal was away, a process died in between, somebody ended a run by mistake. One that is there is begun by
// nobody.
import type { AwaitedSubscription, LostSubscription } from '@fairmeter/activities';
import type { SubscriptionInput } from '@fairmeter/contracts';
import {
  ACCOUNT_SUBSCRIPTION_WORKFLOW,
  BACKGROUND_QUEUE,
  END_USER_SUBSCRIPTION_WORKFLOW,
  reckonSignal,
  subscriptionWorkflowId,
} from '@fairmeter/contracts';
import type { TemporalClient } from '@fairmeter/platform/temporal';
import { beginRun, WITHIN_MS } from './begin-run.js';

type Temporal = Pick<TemporalClient, 'client'>;

export async function beginSubscription(
  temporal: Temporal,
  { accountId, timeZone: zone, planId }: AwaitedSubscription,
): Promise<void> {
  await begin(temporal, { subject: { kind: 'account', accountId }, zone, planId });
}

export async function beginLostSubscription(temporal: Temporal, lost: LostSubscription): Promise<void> {
  await begin(temporal, lost);
}

/** Begun anew where its run was lost: either way it reckons anew. */
export async function tellReckoned({ client }: Temporal, reckoned: LostSubscription): Promise<void> {
  const { subject } = reckoned;
  await client.withDeadline(Date.now() + WITHIN_MS, async () =>
    client.workflow.signalWithStart(workflowOf(subject), {
      workflowId: subscriptionWorkflowId(subject),
      taskQueue: BACKGROUND_QUEUE,
      args: [{ ...reckoned }],
      signal: reckonSignal,
      signalArgs: [],
    }),
  );
}

async function begin(temporal: Temporal, input: SubscriptionInput): Promise<void> {
  const { subject } = input;
  await beginRun(temporal, { workflow: workflowOf(subject), workflowId: subscriptionWorkflowId(subject), input });
}

function workflowOf({ kind }: SubscriptionInput['subject']): string {
  return kind === 'account' ? ACCOUNT_SUBSCRIPTION_WORKFLOW : END_USER_SUBSCRIPTION_WORKFLOW;
}
