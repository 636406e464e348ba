// Workflows room. The two long-lived workflows: an account's plan, and a visitor's plan at one bot. One life for both.
import type { SubscriptionInput } from '@fairmeter/contracts';
import { liveSubscription } from './life.js';

export async function accountSubscription(input: SubscriptionInput): Promise<void> {
  return liveSubscription(input);
}

export async function endUserSubscription(input: SubscriptionInput): Promise<void> {
  return liveSubscription(input);
}
