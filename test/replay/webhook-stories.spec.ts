// Endpoints at which something does not arrive, played on real servers and replayed at once: see `stories.spec.ts`.
import type { WebhookEnd } from '@fairmeter/contracts';
import { WEBHOOK_DELIVERY_WORKFLOW, webhookDeliveryWorkflowId } from '@fairmeter/contracts';
import { newId } from '@fairmeter/platform/database';
import { announce } from '@fairmeter/records';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { keepStory } from '../harness/kept-stories.js';
import { OwnerClient } from '../harness/owner-client.js';
import { openBot } from '../harness/people.js';
import { threeSteps } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { skipWorkflow, workflowClock } from '../harness/time-skip.js';
import { until } from '../harness/until.js';
import { WebhookReceiver } from '../harness/webhook-receiver.js';

const HOUR_MS = 3_600_000;

describe('webhooks to replay', () => {
  let stack: TestStack;
  let receiver: WebhookReceiver;
  let accountId: string;
  let owner: OwnerClient;
  let workflowId: string;
  let tookMs: number;

  const ended = async (): Promise<WebhookEnd> =>
    stack.temporal.client.workflow.getHandle<() => Promise<WebhookEnd>>(workflowId).result();

  const failingSince = async (): Promise<unknown> => {
    const { body } = await owner.call('GET', '/v1/account/webhooks');
    return (body['data'] as readonly { failing_since: unknown }[])[0]?.failing_since;
  };

  async function say(): Promise<void> {
    const facts = { credits: '1.000000' };
    await stack.entities.transaction(async (tx) =>
      announce(tx, { accountId, visitor: null, type: 'purchase.paid', about: newId('pur'), facts }),
    );
  }

  beforeAll(async () => {
    stack = await TestStack.start({ models: threeSteps().port });
    receiver = await WebhookReceiver.open();
    ({ accountId } = await openBot(stack));
    owner = await OwnerClient.open(stack, accountId);
    const body = { url: receiver.url, event_types: ['purchase.paid'] };
    const made = await owner.call('POST', '/v1/account/webhooks', { body });
    workflowId = webhookDeliveryWorkflowId(String(made.body['id']));
    receiver.answer(500);
    await say();
    await until(
      async () => ended().catch(() => null),
      (end) => end === 'caught_up',
    );
    await keepStory(stack, 'caught-up', { workflowId, workflow: WEBHOOK_DELIVERY_WORKFLOW });
    receiver.always(500);
    await say();
    await until(failingSince, (since) => since !== null);
    const before = await workflowClock(stack, workflowId);
    await skipWorkflow(stack, workflowId, { by: 71 * HOUR_MS });
    expect(await failingSince()).not.toBeNull();
    await skipWorkflow(stack, workflowId, { by: 8 * HOUR_MS });
    await ended();
    tookMs = (await workflowClock(stack, workflowId)) - before;
  }, 90_000);
  afterAll(async () => {
    await receiver.close();
    await stack.stop();
  }, 60_000);

  it('[F27] disabled: after three days in which nothing arrived, and its owner is told', async () => {
    expect(await ended()).toBe('disabled');
    expect(tookMs / HOUR_MS).toBeGreaterThan(71);
    expect(tookMs / HOUR_MS).toBeLessThan(80);
    // Of all these tries each was of the one event, under its one id.
    expect(new Set(receiver.ids.slice(2)).size).toBe(1);
    const { body } = await owner.call('GET', '/v1/account/webhooks');
    expect(body['data']).toMatchObject([{ enabled: false, disabled_reason: 'failing', failing_since: null }]);
    const notices = (await owner.call('GET', '/v1/account/notices')).body['data'];
    expect((notices as readonly unknown[])[0]).toMatchObject({
      type: 'webhook.disabled',
      facts: { reason: 'failing' },
    });
    await keepStory(stack, 'disabled', { workflowId, workflow: WEBHOOK_DELIVERY_WORKFLOW });
  });
});
