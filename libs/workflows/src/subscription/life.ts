// Workflows room. A subscription through the years: it hears what people wish and what becomes of payments, sleeps
// until something falls due, and takes one step after the other. A run that has grown long goes on in a new one.
import type { OpenedSubscription, SubscriptionInput } from '@fairmeter/contracts';
import { allHandlersFinished, continueAsNew, patched } from '@temporalio/workflow';
import { SEEK_LOST_SUBSCRIPTION } from '../patches.js';
import { openSubscription } from '../proxies.js';
import { hasGrownLong, Inbox, paymentEvent } from './inbox.js';
import { SubscriptionSteps, untilDone } from './steps.js';

export async function liveSubscription(input: SubscriptionInput): Promise<void> {
  // Handlers stand before anything is waited for: what comes at once is heard.
  const inbox = new Inbox(input.carried);
  const steps = input.carried === undefined ? await begun(input, inbox) : new SubscriptionSteps(input, input.carried);
  if (steps === null) return;
  for (;;) {
    const heard = inbox.next();
    if (heard !== undefined) inbox.answer(heard, await steps.take(heard));
    else if (steps.isDue) inbox.answer(null, await steps.take({ event: { type: 'wake' }, wish: null }));
    else if (allHandlersFinished() && steps.isOver) return;
    else if (allHandlersFinished() && hasGrownLong(steps)) {
      await continueAsNew<typeof liveSubscription>({ ...input, carried: { ...steps.carried, wished: inbox.wished } });
    } else await inbox.wait(steps);
  }
}

/**
 * Null where there may be none. One that is remembered goes on as it was, and asks for what it may not have heard of
 * its payments while its run was lost; every other begins with its first plan.
 */
async function begun(input: SubscriptionInput, inbox: Inbox): Promise<SubscriptionSteps | null> {
  const { subject, zone, planId } = input;
  const opened = await untilDone(() => openSubscription({ subject, zone }));
  if (opened.outcome === 'refused') {
    await inbox.refuseAll(opened.refusal);
    return null;
  }
  const steps = new SubscriptionSteps(input, { ...opened, wakeAt: null });
  if (!isKnown(opened)) {
    inbox.putFirst({ type: 'change', planId });
  } else if (patched(SEEK_LOST_SUBSCRIPTION)) {
    inbox.answer(null, await steps.take({ event: { type: 'wake' }, wish: null }));
    for (const payment of await steps.askAgain()) inbox.putFirst(paymentEvent(payment));
  } else {
    inbox.putFirst({ type: 'wake' });
  }
  return steps;
}

function isKnown({ subscription: { current, order } }: OpenedSubscription): boolean {
  return current !== null || order !== null;
}
