// Contracts room. An endpoint at which something did not arrive: who goes on trying, and what one try comes to.
import { defineSignal } from '@temporalio/workflow';

export const WEBHOOK_DELIVERY_WORKFLOW = 'webhookDelivery';

/** One of an endpoint at a time: what is sent there is sent in order. */
export function webhookDeliveryWorkflowId(endpointId: string): string {
  return `webhook/${endpointId}`;
}

export interface WebhookDeliveryInput {
  readonly endpointId: string;
  /** Where an earlier run left off: how often it failed in a row, and since when. */
  readonly failures?: number;
  readonly sinceMs?: number;
}

/** Something may have changed there, so that the pause under way is over. */
export const tryWebhookSignal = defineSignal('tryWebhook');

/** Something did not arrive once more: whoever is about to end goes on. */
export const webhookFailedSignal = defineSignal('webhookFailed');

export interface WebhookAt {
  readonly endpointId: string;
}

/**
 * `caught_up`: nothing waits any more. `failed`: the next one did not arrive, whatever arrived before it. `more`: there
 * is more to send. `slow`: there is, and who waits for it there keeps others waiting. `busy`: somebody else is at it.
 * `not_wanted`: it was disabled or deleted. `gone`: it says itself that it is there no more.
 */
export type WebhookTry = 'caught_up' | 'failed' | 'more' | 'slow' | 'busy' | 'not_wanted' | 'gone';

export interface WebhookTried {
  readonly outcome: WebhookTry;
  readonly delivered: number;
}

export interface DisableWebhook extends WebhookAt {
  readonly reason: 'failing' | 'gone';
}

export type WebhookEnd = 'caught_up' | 'not_wanted' | 'disabled';

export interface WebhookActivities {
  /** Sends what waits there, in order, until one does not arrive. */
  deliverWebhooks(input: WebhookAt): Promise<WebhookTried>;
  /** Nothing more is sent there, and its owner hears of it: once. */
  disableWebhook(input: DisableWebhook): Promise<void>;
}
