// Goal: an account whose receivers are slow leaves room for others. Method: turns that end when they are told to.
import { afterAll, expect, it } from '@jest/globals';
import { until } from '../../../../test/harness/until.js';
import type { WebhookSenderOptions } from './webhook-sender.js';
import { WebhookSender } from './webhook-sender.js';

type Webhooks = WebhookSenderOptions['webhooks'];
type Place = Awaited<ReturnType<Webhooks['due']>>[number];

const began: string[] = [];
const ends = new Map<string, () => void>();
const handedOver: string[] = [];
const started: unknown[] = [];

const place = (endpointId: string): Place => ({ accountId: `acc_${endpointId.slice(0, 1)}`, endpointId });
const PLACES = ['a1', 'a2', 'a3', 'a4', 'b1'].map(place);

const webhooks: Webhooks = {
  due: async () => PLACES.filter(({ endpointId }) => !began.includes(endpointId)),
  handOver: async (endpointId) => {
    handedOver.push(endpointId);
  },
  listen: async () => ({ close: async () => undefined }),
  sendFirst: async (endpointId) => {
    began.push(endpointId);
    await new Promise<void>((resolve) => {
      ends.set(endpointId, resolve);
    });
    return { outcome: endpointId === 'a1' ? 'slow' : 'caught_up', delivered: 1 };
  },
};
const client = {
  withDeadline: async (_: unknown, work: () => Promise<unknown>) => work(),
  workflow: { signalWithStart: async (_: unknown, { workflowId }: { workflowId: string }) => started.push(workflowId) },
};
const temporal = { client } as unknown as WebhookSenderOptions['temporal'];

const sender = new WebhookSender({ webhooks, temporal, logger: { warn: () => undefined } });
afterAll(async () => {
  for (const end of ends.values()) end();
  await sender.stop();
}, 60_000);

it('has two endpoints of an account in hand at most, and hands one that is slow to its workflow', async () => {
  sender.start();
  await until(
    async () => began,
    (all) => all.includes('b1'),
  );
  expect(began).toEqual(['a1', 'a2', 'b1']);
  ends.get('a1')?.();
  await until(
    async () => began,
    (all) => all.includes('a3'),
  );
  expect(began).toEqual(['a1', 'a2', 'b1', 'a3']);
  expect([started, handedOver]).toEqual([['webhook/a1'], ['a1']]);
});
