// Test harness. Packs on offer and visitors who buy them: what an owner sells, who buys it, and what stands then.
import type { Answer } from './bot-client.js';
import { OwnerClient } from './owner-client.js';
import { openBot, type TestBot } from './people.js';
import type { TestStack } from './test-stack.js';
import { until } from './until.js';
import { visit, type Visitor } from './visitors.js';

export interface PackWish {
  readonly name?: string;
  readonly price?: string;
  /** In credits, one for each bot. */
  readonly allowances: Readonly<Record<string, string>>;
}

export class Shop {
  private sales = 0;

  private constructor(
    private readonly stack: TestStack,
    readonly owner: OwnerClient,
    readonly bot: TestBot,
    /** Another bot of the same account. */
    readonly other: TestBot,
  ) {}

  static async open(stack: TestStack): Promise<Shop> {
    const bot = await openBot(stack, { type: 'chat', credits: '100' });
    const other = await openBot(stack, { type: 'chat', accountId: bot.accountId });
    return new Shop(stack, await OwnerClient.open(stack, bot.accountId), bot, other);
  }

  get accountId(): string {
    return this.bot.accountId;
  }

  async offer({ name = 'Pack', price = '500', allowances }: PackWish): Promise<Answer> {
    return this.owner.call('POST', '/v1/bot-packs', {
      body: {
        name,
        allowances: Object.entries(allowances).map(([id, credits]) => ({ bot_id: id, credits })),
        price: { amount_minor: price, iso_4217: 'eur' },
      },
    });
  }

  /** One pack of the bot alone; says which product it is. */
  async sell(credits = '10'): Promise<string> {
    return String((await this.offer({ allowances: { [this.bot.botId]: credits } })).body['product_id']);
  }

  async visitor(ref: string, bot: TestBot = this.bot): Promise<Shopper> {
    return new Shopper(this.stack, bot, await visit(this.stack, bot, ref));
  }

  /** Somebody new, with an order: paid at once or not, as the provider has it. */
  async ordered(
    credits?: string,
  ): Promise<{ readonly shopper: Shopper; readonly id: string; readonly answer: Answer }> {
    this.sales += 1;
    const shopper = await this.visitor(`buyer-${this.sales}@example.test`);
    const answer = await shopper.buy(await this.sell(credits));
    return { shopper, id: String(answer.body['id']), answer };
  }
}

export class Shopper {
  constructor(
    private readonly stack: TestStack,
    readonly bot: TestBot,
    readonly visitor: Visitor,
  ) {}

  /** With a new token: the one of before ended, as with a move of the bot. */
  async comeBack(key = this.bot.key): Promise<Shopper> {
    const bot = { ...this.bot, key };
    return new Shopper(this.stack, bot, await visit(this.stack, bot, this.visitor.ref));
  }

  async buy(productId: string, { key = 'first', tokens = [] as readonly string[] } = {}): Promise<Answer> {
    const body = { product_id: productId, ...(tokens.length === 0 ? {} : { visitor_tokens: tokens }) };
    return this.call('POST', '/v1/purchases', { key, body });
  }

  async purchase(id: string): Promise<Answer> {
    return this.call('GET', `/v1/purchases/${id}`);
  }

  async becomes(id: string, state: string): Promise<Answer> {
    return until(
      async () => this.purchase(id),
      (answer) => answer.body['state'] === state,
    );
  }

  async units(): Promise<unknown> {
    return (await this.call('GET', '/v1/me/usage-units')).body['remaining'];
  }

  async offers(): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const { body } = await this.call('GET', '/v1/me/offers');
    return body['packs'] as readonly Readonly<Record<string, unknown>>[];
  }

  async call(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    { key, body }: { readonly key?: string; readonly body?: object } = {},
  ): Promise<Answer> {
    const response = await fetch(`${this.stack.apiUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.visitor.token}`,
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as Answer['body'];
    return { status: response.status, headers: response.headers, body: answer };
  }
}
