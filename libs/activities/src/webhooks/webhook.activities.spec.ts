// Goal: a turn at an endpoint ends, whatever its owner or its receiver does meanwhile, and leaves room for others.
// Method: the real queue of a database, and a receiver that does one thing at a time.
import { instant } from '@fairmeter/domain';
import { seal, sealingKeyOf } from '@fairmeter/platform';
import type { EntityManager } from '@fairmeter/platform/database';
import { newId, TenantDatabase } from '@fairmeter/platform/database';
import type { WebhookPort } from '@fairmeter/providers/webhooks';
import {
  addWebhook,
  addWebhookSecret,
  deleteWebhook,
  disableWebhook,
  listDeliveries,
  queueWebhook,
  recordsEntities,
  redeliver,
} from '@fairmeter/records';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { LedgerDatabase } from '../../../../test/harness/ledger-database.js';
import { pause, until } from '../../../../test/harness/until.js';
import { WebhookDesk } from './webhook.activities.js';

const KEY = Buffer.alloc(32, 6).toString('base64url');
const OTHER_KEY = Buffer.alloc(32, 7).toString('base64url');
const ARRIVED = { delivered: true, status: 204 } as const;

let db: LedgerDatabase;
let reader: TenantDatabase;
let accountId: string;
let endpointId: string;
let nowMs = 0;
let errors: unknown[] = [];

beforeAll(async () => {
  db = await LedgerDatabase.open();
  reader = await TenantDatabase.open({
    url: db.database.readerUrl,
    maxConnections: 2,
    entities: recordsEntities,
    applicationName: 'test-webhooks',
  });
}, 60_000);
afterAll(async () => {
  await reader.close();
  await db.close();
}, 60_000);

beforeEach(async () => {
  [accountId, endpointId, nowMs, errors] = [newId('acc'), newId('whk'), Date.now(), []];
  await db.entities.manager.query(
    `INSERT INTO records.accounts (id, name, status, time_zone, plan_id)
     VALUES ($1, 'A', 'active', 'UTC', 'plan_free')`,
    [accountId],
  );
  await asOwner(async (tx) => {
    const eventTypes = ['purchase.paid', 'webhook.disabled'] as const;
    await addWebhook(tx, { id: endpointId, accountId, url: 'https://a.test', description: '', eventTypes });
    const id = newId('whs');
    const sealed = seal(sealingKeyOf(KEY), id, `whsec_${Buffer.alloc(32, 1).toString('base64')}`);
    await addWebhookSecret(tx, { id, endpointId, accountId, sealed }, null);
  });
}, 60_000);

async function asOwner<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
  return reader.asTenant({ accountId, subject: 'usr_1' }, work);
}

async function queue(events: number): Promise<void> {
  await db.entities.transaction(async (tx) => {
    for (let event = 0; event < events; event += 1) await queueWebhook(tx, oneEvent());
  });
}

function oneEvent(): Parameters<typeof queueWebhook>[1] {
  const at = instant(Date.now() + 1_000);
  return { accountId, eventId: `evt_${newId('ntc')}`, type: 'purchase.paid', at, data: {} };
}

function desk(send: WebhookPort['send'], sealingSecret = KEY): WebhookDesk {
  const clock = { now: () => nowMs };
  const logger = { error: (about: unknown) => errors.push(about) };
  const { entities, writer: feeding } = db;
  return new WebhookDesk({ entities, feeding, port: { send }, clock, sealingSecret, withinMs: 1_000, logger });
}

const arrivingAfter = (tookMs: number) => async (): Promise<typeof ARRIVED> => {
  nowMs += tookMs;
  return ARRIVED;
};

const never = (): boolean => false;

async function states(): Promise<string[]> {
  const listed = await asOwner(async (tx) => listDeliveries(tx, { endpointId, before: null, limit: 100 }));
  return listed.map(({ state }) => state);
}

describe('a turn at an endpoint', () => {
  it('sends once more what was asked for again while it was on its way', async () => {
    await queue(1);
    const sent: string[] = [];
    const asking = desk(async ({ eventId }) => {
      sent.push(eventId);
      if (sent.length === 1) {
        expect(await asOwner(async (tx) => redeliver(tx, endpointId, { eventId }))).toBe(1);
      }
      return ARRIVED;
    });
    expect(await asking.sendFirst(endpointId, never)).toEqual({ outcome: 'caught_up', delivered: 2 });
    expect([sent.length, new Set(sent).size, await states()]).toEqual([2, 1, ['delivered']]);
  });

  it('ends where it was disabled meanwhile, though something waits there still', async () => {
    await queue(2);
    const disabling = desk(async () => {
      await db.entities.manager.query(
        `UPDATE records.webhook_endpoints SET disabled_reason = 'by_owner', disabled_at = now() WHERE id = $1`,
        [endpointId],
      );
      return ARRIVED;
    });
    expect(await disabling.sendFirst(endpointId, never)).toEqual({ outcome: 'not_wanted', delivered: 1 });
  });

  it('[F27] is over after two seconds; where each message takes long, the rest is for its workflow', async () => {
    await queue(60);
    expect(await desk(arrivingAfter(9_900)).sendFirst(endpointId, never)).toEqual({ outcome: 'slow', delivered: 1 });
    expect(await desk(arrivingAfter(100)).sendFirst(endpointId, never)).toEqual({ outcome: 'more', delivered: 20 });
    expect(await desk(arrivingAfter(0)).sendFirst(endpointId, () => true)).toEqual({ outcome: 'more', delivered: 0 });
    expect(await desk(arrivingAfter(0)).sendFirst(endpointId, never)).toEqual({ outcome: 'caught_up', delivered: 39 });
    await queue(1);
    const last = await desk(arrivingAfter(9_900)).sendFirst(endpointId, never);
    expect(last).toEqual({ outcome: 'caught_up', delivered: 1 });
  });

  it('is given up where its process ends, and what was on its way stays in doubt', async () => {
    await queue(1);
    let isSending = false;
    const deaf = desk(async () => {
      isSending = true;
      return new Promise(() => undefined);
    });
    const worker = new MockActivityEnvironment();
    const turn = worker.run(async (at: { endpointId: string }) => deaf.deliverWebhooks(at), { endpointId });
    const ended = expect(turn).rejects.toThrow();
    await until(
      async () => isSending,
      (began) => began,
    );
    worker.cancel();
    await ended;
    expect(await states()).toEqual(['pending']);
  });

  it('fails where its secrets cannot be opened, and says so to whoever runs the platform', async () => {
    await queue(1);
    const wrong = desk(arrivingAfter(0), OTHER_KEY);
    expect(await wrong.sendFirst(endpointId, never)).toEqual({ outcome: 'failed', delivered: 0 });
    expect(errors).toMatchObject([{ endpointId }]);
    const [tried] = await asOwner(async (tx) => listDeliveries(tx, { endpointId, before: null, limit: 1 }));
    expect(tried).toMatchObject({ state: 'pending', tries: 1, lastStatus: null, lastProblem: 'not_signed' });
  });
});

describe('what waits at an endpoint', () => {
  /** Queued by a transaction that is still open when the other begins. */
  async function queueWhile(other: () => Promise<unknown>): Promise<void> {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let isQueued = false;
    const queueing = db.entities.transaction(async (tx) => {
      await queueWebhook(tx, oneEvent());
      isQueued = true;
      await held;
    });
    await until(
      async () => isQueued,
      (queued) => queued,
    );
    const ending = other();
    await pause(100);
    release();
    await Promise.all([queueing, ending]);
  }

  it('is given up with it when it is disabled, though it was queued at the same time', async () => {
    await queueWhile(async () => db.entities.transaction(async (tx) => disableWebhook(tx, endpointId, 'failing')));
    expect(await states()).toEqual(['failed']);
    expect(await asOwner(async (tx) => redeliver(tx, endpointId, { since: instant(0) }))).toBe(0);
  });

  it('is given up by whoever comes to send it, where it was queued while its owner deleted the endpoint', async () => {
    await queueWhile(async () => asOwner(async (tx) => deleteWebhook(tx, endpointId)));
    const turn = await desk(arrivingAfter(0)).sendFirst(endpointId, never);
    expect(turn).toEqual({ outcome: 'not_wanted', delivered: 0 });
    expect(await states()).toEqual(['failed']);
  });

  it('is due where nothing fails, and named with its account', async () => {
    const theirs = async (): Promise<unknown[]> =>
      (await desk(arrivingAfter(0)).due()).filter((place) => place.endpointId === endpointId);
    expect(await theirs()).toEqual([]);
    await queue(2);
    expect(await theirs()).toEqual([{ accountId, endpointId }]);
    await desk(arrivingAfter(0)).handOver(endpointId);
    expect(await theirs()).toEqual([]);
  });
});
