// Test harness. An account whose owner has signed in, with the plan that comes with it, and its subscription as if it
// had begun another day: the workflow is ended by hand, its row is dated back, and whoever asks next finds it so.
import { subscriptionWorkflowId, type WireSubscription } from '@fairmeter/contracts';
import type { MicroCredits } from '@fairmeter/domain';
import { accountScope, instant } from '@fairmeter/domain';
import type { Answer } from './bot-client.js';
import { openBot, type TestBot } from './people.js';
import { SignedIn, type TestIssuer } from './signed-in.js';
import type { TestStack } from './test-stack.js';

export const DAY_MS = 86_400_000;

/** Six decimals, as every amount is told. */
const microOf = (told: unknown): bigint => BigInt(String(told).replace('.', ''));

export interface Dating {
  readonly start: number;
  readonly end: number;
}

/** In micro-credits: what could be used, by how much that was told to change, and what could be used then. */
export interface TellingChange {
  readonly before: bigint;
  readonly change: bigint;
  readonly after: bigint;
}

export class Subscriber {
  private constructor(
    private readonly stack: TestStack,
    readonly owner: SignedIn,
    readonly accountId: string,
  ) {}

  static async signUp(stack: TestStack, issuer: TestIssuer, sub: string): Promise<Subscriber> {
    const owner = new SignedIn(stack.apiUrl, issuer.token({ sub }));
    const { body } = await owner.get('/v1/account');
    const subscriber = new Subscriber(stack, owner, String(body['account_id']));
    await subscriber.standing();
    return subscriber;
  }

  async standing(): Promise<Answer['body']> {
    const { status, body } = await this.owner.get('/v1/account/subscription');
    if (status !== 200) throw new Error(`no subscription: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  async preview(body: object): Promise<Answer> {
    return this.owner.call('POST', '/v1/account/subscription/preview', body);
  }

  /** Previewed and confirmed, as a page would. */
  async changeTo(planId: string): Promise<Answer> {
    const { body } = await this.preview({ plan_id: planId });
    return this.change({ plan_id: planId, previewed_period: body['period_start'] });
  }

  async change(body: object, key?: string): Promise<Answer> {
    const asked = { body, ...(key === undefined ? {} : { key }) };
    return this.owner.once('/v1/account/subscription/change', asked);
  }

  async bot(wish: { readonly model?: string } = {}): Promise<TestBot> {
    return openBot(this.stack, { accountId: this.accountId, ...wish });
  }

  /** What is free to be used, kind by kind. */
  async available(): Promise<{ readonly daily: unknown; readonly subscription: unknown }> {
    const { daily, subscription } = (await this.owner.get('/v1/account/credits')).body as Record<
      'daily' | 'subscription',
      Answer['body']
    >;
    return { daily: daily['available'], subscription: subscription['available'] };
  }

  /** Previewed and confirmed. */
  async changeAsTold(planId: string): Promise<TellingChange> {
    const inAll = async (): Promise<bigint> => microOf((await this.owner.get('/v1/account/credits')).body['available']);
    const before = await inAll();
    const { body: preview } = await this.preview({ plan_id: planId });
    const changed = await this.change({ plan_id: planId, previewed_period: preview['period_start'] });
    if (changed.status !== 200) throw new Error(`refused: ${JSON.stringify(changed.body)}`);
    return { before, change: microOf(preview['available_change']), after: await inAll() };
  }

  /** So much is gone of each lot there is. */
  async losesOfEach(amount: MicroCredits): Promise<void> {
    const { accountId } = this;
    const { data } = (await this.owner.get('/v1/account/credits/lots')).body as { data: { id: string }[] };
    for (const { id } of data) {
      const owner = { scopeId: accountScope(accountId), accountId };
      const lots = [{ lotId: id, most: amount }];
      await this.stack.grants.correct(owner, instant(Date.now()), { correctionKey: id, lots, most: amount });
    }
  }

  /** Nothing is left of what there is now. */
  async spendAll(): Promise<void> {
    const { accountId } = this;
    const owner = { scopeId: accountScope(accountId), accountId };
    await this.stack.grants.endAll({ owner, endKey: 'spent', asOf: instant(Date.now()) });
  }

  /** As if the present period ran from `start` to `end`. */
  async dateBack({ start, end }: Dating): Promise<void> {
    const subject = { kind: 'account', accountId: this.accountId } as const;
    await this.stack.temporal.client.workflow.getHandle(subscriptionWorkflowId(subject)).terminate('dated back');
    const { manager } = this.stack.entities;
    const [row] = await manager.query<{ written: WireSubscription }[]>(
      'SELECT written FROM records.subscriptions WHERE subject_id = $1',
      [this.accountId],
    );
    const current = row?.written.current ?? null;
    if (row === undefined || current === null) throw new Error('nothing stands that could be dated back');
    const dated = { start, end };
    const billing = current.billing === null ? null : { ...current.billing, ...dated };
    const written = {
      ...row.written,
      ahead: null,
      current: { ...current, period: { ...current.period, ...dated }, billing },
    };
    await manager.query(
      `UPDATE records.subscriptions SET written = $2, period_start = $3, period_end = $4 WHERE subject_id = $1`,
      [this.accountId, JSON.stringify(written), new Date(start), new Date(end)],
    );
  }
}
