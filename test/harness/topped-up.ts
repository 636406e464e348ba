// Test harness. An account whose owner has a bundle bought when too little is left, and a provider that may decline.
import { AUTO_TOP_UP_WORKFLOW, autoTopUpWorkflowId, creditsFellSignal, JOBS_QUEUE } from '@fairmeter/contracts';
import type { PaidOrder, PaymentOrder, PaymentPort, SeenPayment, SentBack } from '@fairmeter/providers/payments';
import { DemoPayments } from '@fairmeter/providers/payments';
import { BotClient, type Answer } from './bot-client.js';
import { OwnerClient } from './owner-client.js';
import { openBot, type TestBot } from './people.js';
import type { TestStack } from './test-stack.js';
import { until } from './until.js';

export const TOPPED = {
  enabled: true,
  threshold: '20.000000',
  product_id: 'bundle_100',
  monthly_cap: { amount_minor: '2400', iso_4217: 'eur' },
};

export class Topped {
  private constructor(
    readonly stack: TestStack,
    readonly bot: TestBot,
    readonly owner: OwnerClient,
  ) {}

  static async open(stack: TestStack, credits?: string): Promise<Topped> {
    const bot = await openBot(stack, { plan: 'plan_custom', ...(credits === undefined ? {} : { credits }) });
    return new Topped(stack, bot, await OwnerClient.open(stack, bot.accountId));
  }

  async set(wish: object = {}): Promise<Answer> {
    return this.owner.call('PUT', '/v1/account/auto-top-up', { body: { ...TOPPED, ...wish } });
  }

  async standing(): Promise<Answer['body']> {
    return (await this.owner.call('GET', '/v1/account/auto-top-up')).body;
  }

  async available(): Promise<unknown> {
    return (await this.owner.call('GET', '/v1/account/credits')).body['available'];
  }

  async bought(): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const { body } = await this.owner.call('GET', '/v1/purchases');
    return body['data'] as readonly Readonly<Record<string, unknown>>[];
  }

  async actions(): Promise<readonly unknown[]> {
    const { body } = await this.owner.call('GET', '/v1/audit');
    const lines = body['data'] as readonly { action: string; actor: { role: string } }[];
    return lines.map(({ action, actor }) => `${actor.role} ${action}`).reverse();
  }

  async submit(key: string): Promise<Answer> {
    return new BotClient(this.stack, this.bot).submit({ key });
  }

  /**
   * Each uses 1.8 credits. Of many at once some may not be answered in time, or find all credits set aside for the
   * others: they are asked for again by their key.
   */
  async jobs(count: number, from = 'job'): Promise<void> {
    const bot = new BotClient(this.stack, this.bot);
    await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const { status, body } = await until(
          async () => bot.submit({ key: `${from}-${index}` }),
          (answer) => ![402, 503].includes(answer.status),
        );
        if (status !== 202) throw new Error(`a job was refused: ${String(body['code'])}`);
        await bot.ended(String(body['id']), 30_000);
      }),
    );
  }

  /** As the dispatcher does. */
  async nudge(): Promise<void> {
    const { accountId } = this.bot;
    await this.stack.temporal.client.workflow.signalWithStart(AUTO_TOP_UP_WORKFLOW, {
      workflowId: autoTopUpWorkflowId(accountId),
      taskQueue: JOBS_QUEUE,
      args: [{ accountId }],
      signal: creditsFellSignal,
      signalArgs: [],
    });
  }
}

/** The demo's provider, which declines until it is told to pay; says for what it was asked. */
export class Mood {
  declines = true;
  readonly asked: string[] = [];
  readonly payments = new DemoPayments(({ of }) => {
    this.asked.push(of.id);
    return this.declines;
  });
}

/** A provider whose charges take days, or are answered by nobody; says what it charged and what it sent back. */
export class SlowPayments implements PaymentPort {
  readonly provider = 'slow';
  says: SeenPayment['state'] | 'nothing' = 'open';
  readonly charged: string[] = [];
  readonly sentBack: string[] = [];

  async open(): Promise<null> {
    return null;
  }

  async look(): Promise<SeenPayment> {
    return { state: 'closed' };
  }

  async close(): Promise<SeenPayment> {
    return this.look();
  }

  async chargeAgain({ of }: PaymentOrder): Promise<SeenPayment> {
    this.charged.push(of.id);
    return this.lookAtCharge(`slow_${of.id}`);
  }

  async lookAtCharge(paymentRef: string): Promise<SeenPayment> {
    if (this.says === 'nothing') throw new Error('nobody answers');
    return { state: this.says, paymentRef };
  }

  async payBack({ of }: PaidOrder): Promise<SentBack> {
    this.sentBack.push(of.id);
    return {};
  }
}
