// Goal: whoever asked is told what happened, in order, by messages that can be checked, until they arrive; and nobody
// else hears of it. Method: the running stack and receivers of our own. What takes its time is played beforehand.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { tryWebhookSignal, webhookDeliveryWorkflowId } from '@fairmeter/contracts';
import type { Answer } from '../harness/bot-client.js';
import { BotClient } from '../harness/bot-client.js';
import { OwnerClient } from '../harness/owner-client.js';
import { giveCredits, openBot, type TestBot } from '../harness/people.js';
import { threeSteps } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { pause, until } from '../harness/until.js';
import { WebhookReceiver } from '../harness/webhook-receiver.js';

const WEBHOOKS = '/v1/account/webhooks';

class Told {
  private constructor(
    readonly stack: TestStack,
    readonly bot: TestBot,
    readonly owner: OwnerClient,
    readonly receiver: WebhookReceiver,
    readonly id: string,
    readonly secret: string,
  ) {}

  static async open(stack: TestStack, eventTypes: readonly string[]): Promise<Told> {
    const bot = await openBot(stack, { credits: '50' });
    const owner = await OwnerClient.open(stack, bot.accountId);
    const receiver = await WebhookReceiver.open();
    const body = { url: receiver.url, event_types: eventTypes };
    const made = (await owner.call('POST', WEBHOOKS, { body })).body as { id: string; secret: string };
    return new Told(stack, bot, owner, receiver, made.id, made.secret);
  }

  async give(credits: string): Promise<void> {
    await giveCredits(this.stack, this.bot.accountId, credits);
  }

  async get(path = ''): Promise<Answer> {
    return this.owner.call('GET', `${WEBHOOKS}${path}`);
  }

  async post(path: string, body: object = {}): Promise<Answer> {
    return this.owner.call('POST', `${WEBHOOKS}/${this.id}/${path}`, { body });
  }

  async shown(): Promise<Readonly<Record<string, unknown>>> {
    return ((await this.get()).body['data'] as readonly Record<string, unknown>[])[0] ?? {};
  }

  async deliveries(): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return (await this.get(`/${this.id}/deliveries`)).body['data'] as readonly Record<string, unknown>[];
  }

  /** What is granted, in the order in which it arrived. */
  get amounts(): unknown[] {
    return this.receiver.received.map(({ data }) => data['amount']);
  }
}

describe('webhooks', () => {
  let stack: TestStack;
  let failing: Told;
  let other: Told;
  let whole: Told;

  /** Refused twice, with a worker that ends after the first time; more happens meanwhile. */
  async function playFailing(): Promise<void> {
    failing = await Told.open(stack, ['credits.granted']);
    failing.receiver.answer(500, 503);
    await failing.give('1');
    await failing.receiver.untilReceived(1);
    await failing.give('2');
    for (const worker of stack.running) await worker.stop();
    await stack.startWorker();
    await failing.give('3');
    await failing.receiver.untilReceived(5, 30_000);
    // Of the last one it is noted by then, too, that it has arrived.
    await until(
      async () => failing.deliveries(),
      (listed) => listed.every(({ state }) => state === 'delivered'),
    );
    await until(
      async () => failing.shown(),
      ({ failing_since: since }) => since === null,
    );
  }

  beforeAll(async () => {
    stack = await TestStack.start({ models: threeSteps().port });
    other = await Told.open(stack, ['job.ended', 'credits.granted']);
    await playFailing();
    whole = await Told.open(stack, ['job.ended', 'credits.granted']);
    const job = await new BotClient(stack, whole.bot).submit({ key: 'one' });
    expect(job.status).toBe(202);
    await whole.receiver.untilReceived(1);
  }, 90_000);
  afterAll(async () => {
    await stack.stop();
    for (const { receiver } of [failing, other, whole]) await receiver.close();
  }, 60_000);

  it('[F27] sends what was refused twice a third time, under the same id and signed, then the rest in order', () => {
    const { receiver, secret } = failing;
    const [first, second, third, ...rest] = receiver.received;
    expect([first?.id, second?.id]).toEqual([third?.id, third?.id]);
    expect([first?.body, second?.body]).toEqual([third?.body, third?.body]);
    expect(rest).toHaveLength(2);
    expect(failing.amounts).toEqual(['1.000000', '1.000000', '1.000000', '2.000000', '3.000000']);
    expect(new Set(receiver.ids).size).toBe(3);
    for (const one of receiver.received)
      expect(receiver.verify(secret, one)).toMatchObject({ type: 'credits.granted' });
    expect(() => receiver.verify(other.secret, receiver.received[0] ?? never())).toThrow();
  });

  it('lists what was sent, with how often and what came of it', async () => {
    const listed = await failing.deliveries();
    expect(listed.map(({ state, tries, data }) => [state, tries, (data as { amount: string }).amount])).toEqual([
      ['delivered', 1, '3.000000'],
      ['delivered', 1, '2.000000'],
      ['delivered', 3, '1.000000'],
    ]);
    expect(listed[2]).toMatchObject({ event_id: failing.receiver.ids[0], last_status: 204, last_problem: null });
    expect(await failing.shown()).toMatchObject({ enabled: true, disabled_reason: null, failing_since: null });
  });

  it('tells of what was asked for, of the own account, and of nothing that was before', async () => {
    expect(whole.receiver.received).toMatchObject([
      { type: 'job.ended', data: { account_id: whole.bot.accountId, environment: 'live', state: 'completed' } },
    ]);
    expect(other.receiver.received).toEqual([]);
    const foreign = await other.get(`/${failing.id}/deliveries`);
    expect([foreign.status, foreign.body['code']]).toEqual([404, 'webhook_not_found']);
    expect((await other.post(`../${failing.id}/test`)).status).toBe(404);
  });

  it('signs with both secrets while the old one lives, and with the new one alone afterwards', async () => {
    const { receiver, secret } = whole;
    const first = receiver.received.length;
    const rotated = (await whole.post('rotate', { overlap_seconds: 600 })).body as { secret: string };
    expect((await whole.post('test')).status).toBe(202);
    const both = (await receiver.untilReceived(first + 1))[first] ?? never();
    expect(both).toMatchObject({ type: 'webhook.test', data: { about: whole.id } });
    expect(both.headers['webhook-signature']?.split(' ')).toHaveLength(2);
    for (const one of [secret, rotated.secret]) expect(receiver.verify(one, both)).toBeDefined();
    const last = (await whole.post('rotate', { overlap_seconds: 0 })).body as { secret: string };
    await whole.post('test');
    const alone = (await receiver.untilReceived(first + 2))[first + 1] ?? never();
    expect(receiver.verify(last.secret, alone)).toBeDefined();
    for (const one of [secret, rotated.secret]) expect(() => receiver.verify(one, alone)).toThrow();
  });

  it('sends one event, or all since an instant, once more under their ids', async () => {
    const { receiver } = failing;
    const [before, id] = [receiver.received.length, receiver.ids[0] ?? ''];
    expect((await failing.post('redeliver', { event_id: id })).body).toMatchObject({ events: 1 });
    expect((await receiver.untilReceived(before + 1))[before]?.id).toBe(id);
    // Not before it is noted: whoever asks while a message is under way is content with that one.
    await until(
      async () => failing.deliveries(),
      (listed) => listed.every(({ state }) => state === 'delivered'),
    );
    expect((await failing.post('redeliver', { since: '2026-01-01T00:00:00Z' })).body).toMatchObject({ events: 3 });
    const all = await receiver.untilReceived(before + 4);
    expect(all.slice(before + 1).map((one) => one.id)).toEqual([...new Set(receiver.ids)]);
    for (const wrong of [{}, { event_id: id, since: '2026-01-01T00:00:00Z' }, { event_id: 'x' }]) {
      expect((await failing.post('redeliver', wrong)).body).toMatchObject({ code: 'validation_failed' });
    }
  });

  it('shows a secret once, keeps it sealed, and is in the audit', async () => {
    const body = { url: 'https://receiver.example/hook', event_types: ['job.ended'] };
    const first = await other.owner.call('POST', WEBHOOKS, { body, key: 'made-once' });
    const again = await other.owner.call('POST', WEBHOOKS, { body, key: 'made-once' });
    expect([first.status, again.body]).toMatchObject([201, { id: first.body['id'], secret: null, replayed: true }]);
    const secret = String(first.body['secret']);
    expect(secret).toMatch(/^whsec_/);
    const rows = await stack.entities.manager.query<{ sealed: string }[]>(
      'SELECT sealed FROM records.webhook_secrets WHERE endpoint_id = $1',
      [first.body['id']],
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]?.sealed).not.toContain(secret.slice(6));
    const { body: audit } = await other.owner.call('GET', `/v1/audit?target_id=${String(first.body['id'])}`);
    expect(audit['data']).toMatchObject([{ action: 'webhook.made', after: { event_types: ['job.ended'] } }]);
    for (const url of ['ftp://a.example', 'https://u:p@a.example/', 'https://a.example/#x', 'a.example', '']) {
      const wrong = await other.owner.call('POST', WEBHOOKS, { body: { ...body, url } });
      expect([url, wrong.status]).toEqual([url, 422]);
    }
    const wrongType = { ...body, event_types: ['job.ended', 'job.dreamt'] };
    expect((await other.owner.call('POST', WEBHOOKS, { body: wrongType })).status).toBe(422);
    for (let made = 2; made < 10; made += 1) {
      expect((await other.owner.call('POST', WEBHOOKS, { body })).status).toBe(201);
    }
    expect((await other.owner.call('POST', WEBHOOKS, { body })).body).toMatchObject({ code: 'too_many_webhooks' });
    expect((await other.owner.call('DELETE', `${WEBHOOKS}/${String(first.body['id'])}`)).status).toBe(200);
    expect((await other.owner.call('POST', WEBHOOKS, { body })).status).toBe(201);
  });

  it('[F26] leaves a line that says that its address changed, and not what it may hold in secret', async () => {
    const { owner, id, receiver } = await Told.open(stack, ['job.ended']);
    await receiver.close();
    await owner.call('PATCH', `${WEBHOOKS}/${id}`, { body: { url: 'https://new.example/hook/s3cret' } });
    await owner.call('PATCH', `${WEBHOOKS}/${id}`, { body: { url: 'https://new.example/hook/other' } });
    await owner.call('PATCH', `${WEBHOOKS}/${id}`, { body: { description: 'For the till' } });
    const { data } = (await owner.call('GET', `/v1/audit?target_id=${id}&action=webhook.changed`)).body;
    const lines = data as readonly { before: Record<string, unknown>; after: Record<string, unknown> }[];
    expect(lines).toHaveLength(3);
    for (const { before, after } of lines) expect(before).not.toEqual(after);
    expect(lines.map(({ after }) => after['origin'])).toEqual(Array.from({ length: 3 }, () => 'https://new.example'));
    expect(lines[1]?.before['url_hash']).not.toBe(lines[1]?.after['url_hash']);
    expect(JSON.stringify(lines)).not.toMatch(/s3cret|\/hook|till/);
  });

  describe('to one that its owner has disabled', () => {
    let before: number;
    let shown: object;
    let refused: Answer;
    beforeAll(async () => {
      const { receiver, owner, id } = whole;
      before = receiver.received.length;
      await owner.call('PATCH', `${WEBHOOKS}/${id}`, { body: { enabled: false } });
      shown = await whole.shown();
      refused = await whole.post('test');
      await whole.give('4');
      await pause(500);
      await owner.call('PATCH', `${WEBHOOKS}/${id}`, { body: { enabled: true } });
      await whole.give('5');
      await receiver.untilReceived(before + 1);
    }, 60_000);

    it('send nothing, and go on with what comes after it was enabled', () => {
      expect(shown).toMatchObject({ enabled: false, disabled_reason: 'by_owner' });
      expect(refused.body).toMatchObject({ code: 'webhook_disabled' });
      const amounts = whole.receiver.received.slice(before).map(({ data }) => data['amount']);
      expect(amounts).toEqual(['5.000000']);
    });
  });

  describe('to one whose receiver says that it is gone', () => {
    beforeAll(async () => {
      const { receiver } = whole;
      const before = receiver.received.length;
      receiver.always(410);
      await whole.give('6');
      await receiver.untilReceived(before + 1);
      await stack.temporal.client.workflow
        .getHandle(webhookDeliveryWorkflowId(whole.id))
        .signal(tryWebhookSignal)
        .catch(() => undefined);
      await until(
        async () => whole.shown(),
        ({ disabled_reason: reason }) => reason === 'gone',
      );
    }, 60_000);

    it('are disabled at once, and its owner is told', async () => {
      const { body } = await whole.owner.call('GET', '/v1/account/notices');
      expect((body['data'] as readonly unknown[])[0]).toMatchObject({
        type: 'webhook.disabled',
        about: whole.id,
        facts: { reason: 'gone' },
      });
    });
  });
});

function never(): never {
  throw new Error('nothing came');
}
