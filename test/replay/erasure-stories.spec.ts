// Stories to replay, of those who are forgotten: a visitor and a person. As with jobs, their histories are written only
// when asked to: see docs/decisions/0006-replay-and-time-skipping.md.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  PERSON_ERASURE_WORKFLOW,
  personErasureWorkflowId,
  VISITOR_ERASURE_WORKFLOW,
  visitorErasureWorkflowId,
} from '@fairmeter/contracts';
import { keepStory } from '../harness/kept-stories.js';
import { giveVisitor } from '../harness/payers.js';
import { openBot } from '../harness/people.js';
import { byStage, reply } from '../harness/scripts.js';
import { Shop } from '../harness/shop.js';
import { SignedIn, TestIssuer } from '../harness/signed-in.js';
import { StripeServer } from '../harness/stripe-server.js';
import { TestStack } from '../harness/test-stack.js';
import { skipWorkflow } from '../harness/time-skip.js';
import { until } from '../harness/until.js';
import { VISITOR_ENV } from '../harness/visitors.js';

/** Beyond the second look. */
const LATER_MS = 60_000;

describe('stories of the forgotten to replay', () => {
  let issuer: TestIssuer;
  let stripe: StripeServer;
  let stack: TestStack;
  beforeAll(async () => {
    issuer = await TestIssuer.open();
    stripe = await StripeServer.start();
    // The second step never ends by itself.
    const { port } = byStage({ plan: [reply('plan')], generate: [{ ...reply('=== a.js'), delayMs: 600_000 }] });
    stack = await TestStack.start({
      models: port,
      worker: {
        STRIPE_API_KEY: stripe.apiKey,
        STRIPE_BASE_URL: stripe.url,
        STRIPE_RETURN_URL: 'https://shop.test/back',
      },
      api: { ...VISITOR_ENV, OIDC_ISSUERS: issuer.setting },
    });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
    await issuer.close();
    await stripe.close();
  }, 60_000);

  it('erased: a visitor whose job runs, with units left and an order that is not paid', async () => {
    const shop = await Shop.open(stack);
    const bot = await openBot(stack, { accountId: shop.accountId });
    const shopper = await shop.visitor('a visitor', bot);
    const { visitor } = shopper;
    const pack = await shop.offer({ allowances: { [bot.botId]: '10' } });
    const ordered = await shopper.buy(String(pack.body['product_id']));
    expect(ordered.body['state']).toBe('pending');
    await giveVisitor(stack, bot, { visitorId: visitor.id, kind: 'eu_pack', credits: '50' });
    const jobId = String((await visitor.client.submit()).body['id']);
    await until(
      async () => visitor.client.get(`/v1/jobs/${jobId}`),
      ({ body }) => body['steps_ended'] === 1,
    );
    expect((await visitor.client.fetch('/v1/me', { method: 'DELETE' })).status).toBe(200);
    const workflowId = visitorErasureWorkflowId(visitor.id);
    await until(
      async () => Promise.resolve(stripe.sessionOf(String(ordered.body['id'])).status),
      (status) => status === 'expired',
    );
    await skipWorkflow(stack, workflowId, { by: LATER_MS });
    await keepStory(stack, 'erased', { workflow: VISITOR_ERASURE_WORKFLOW, workflowId });
  }, 60_000);

  it('last-owner and erased: a person who has to hand over first', async () => {
    const person = new SignedIn(stack.apiUrl, issuer.token({ sub: 'leaving' }));
    const workflowId = personErasureWorkflowId(String((await person.get('/v1/me')).body['user_id']));
    expect((await person.call('POST', '/v1/me/erasure')).status).toBe(409);
    await keepStory(stack, 'last-owner', { workflow: PERSON_ERASURE_WORKFLOW, workflowId });
    expect((await person.call('POST', '/v1/account/close')).status).toBe(200);
    expect((await person.call('POST', '/v1/me/erasure')).status).toBe(200);
    await skipWorkflow(stack, workflowId, { by: LATER_MS });
    await keepStory(stack, 'erased', { workflow: PERSON_ERASURE_WORKFLOW, workflowId });
  }, 60_000);
});
