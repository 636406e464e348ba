// Bench room, subscriptions. Accounts on a plan whose period lasts minutes, all on one anchor, each with its workflow:
// the product's own, begun in the middle of its life, so that thousands of them fall due at one instant.
import type { SubscriptionInput } from '@fairmeter/contracts';
import {
  ACCOUNT_SUBSCRIPTION_WORKFLOW,
  BACKGROUND_QUEUE,
  packSubscription,
  SUBSCRIPTION_EVENTS_A_RUN,
  subscriptionWorkflowId,
} from '@fairmeter/contracts';
import {
  credits,
  instant,
  instantToText,
  subscriptionState,
  USUAL_SUBSCRIPTION_POLICY,
  ZERO,
  type Instant,
  type PlanVersion,
} from '@fairmeter/domain';
import { advance, newSubscription } from '@fairmeter/domain/subscriptions';
import { newId, type EntityDatabase } from '@fairmeter/platform/database';
import type { TemporalClient } from '@fairmeter/platform/temporal';
import { publishPlan } from '@fairmeter/records';
import { openEntities } from '../../apps/cli/src/database/provision.js';

export const STARTS_AT_ONCE = 64;

export interface SubscribersWish {
  readonly name: string;
  readonly count: number;
  readonly periodMs: number;
  readonly anchor: Instant;
  /** How long before its end the worker that they meet decides on a period. */
  readonly renewAheadMs: number;
}

export class Subscribers {
  private constructor(
    private readonly entities: EntityDatabase,
    private readonly plan: PlanVersion,
    private readonly wish: SubscribersWish,
    private readonly accountIds: readonly string[],
  ) {}

  static async seed(writerUrl: string, wish: SubscribersWish): Promise<Subscribers> {
    const entities = await openEntities(writerUrl);
    const plan = planOf(wish);
    const accountIds = Array.from({ length: wish.count }, () => newId('acc'));
    await entities.transaction(async (tx) => {
      await publishPlan(tx, plan);
      await tx.query(
        `INSERT INTO records.accounts (id, name, status, time_zone, plan_id, plan_version)
         SELECT id, 'Bench account', 'active', 'UTC', $2, 1 FROM unnest($1::text[]) id`,
        [accountIds, plan.planId],
      );
    });
    return new Subscribers(entities, plan, wish, accountIds);
  }

  get count(): number {
    return this.accountIds.length;
  }

  /** All of them, in the period that begins at the anchor. */
  async begin({ client }: TemporalClient): Promise<void> {
    const left = [...this.accountIds];
    const startNext = async (): Promise<void> => {
      for (let accountId = left.pop(); accountId !== undefined; accountId = left.pop()) {
        const input = this.inputOf(accountId);
        await client.workflow.start(ACCOUNT_SUBSCRIPTION_WORKFLOW, {
          workflowId: subscriptionWorkflowId(input.subject),
          taskQueue: BACKGROUND_QUEUE,
          args: [input],
        });
      }
    };
    await Promise.all(Array.from({ length: STARTS_AT_ONCE }, startNext));
  }

  /** How many have the lot of the period that begins then. Asked over and over, beside what is measured. */
  async lots(boundary: Instant): Promise<number> {
    const [row] = await this.entities.manager.query<{ lots: number }[]>(
      'SELECT count(*)::int AS lots FROM ledger.lots WHERE source_ref = $1',
      [`period/${instantToText(boundary)}`],
    );
    return row?.lots ?? 0;
  }

  /** How many of them were posted before it began, and when the last one was. */
  async renewed(boundary: Instant): Promise<{ readonly ahead: number; readonly lastAt: number }> {
    const [row] = await this.entities.manager.query<{ ahead: string; last_ms: string | null }[]>(
      `SELECT count(*) FILTER (WHERE o.recorded_at < $2) AS ahead,
         (extract(epoch FROM max(o.recorded_at)) * 1000)::bigint::text AS last_ms
       FROM ledger.lots l JOIN ledger.operations o ON o.key = l.scope_id || ':grant:subscription:' || l.source_ref
       WHERE l.source_ref = $1`,
      [`period/${instantToText(boundary)}`, new Date(boundary)],
    );
    return { ahead: Number(row?.ahead), lastAt: Number(row?.last_ms ?? Number.NaN) };
  }

  /** Of whatever period: who was late for one boundary is posted beside those that are early for the next. */
  async posted(from: number, until: number): Promise<number> {
    const [row] = await this.entities.manager.query<{ posted: number }[]>(
      `SELECT count(*)::int AS posted FROM ledger.operations
       WHERE key LIKE '%:grant:subscription:period/%' AND recorded_at BETWEEN $1 AND $2`,
      [new Date(from), new Date(until)],
    );
    return row?.posted ?? 0;
  }

  /** Of everything that is in Postgres: the product's rows and Temporal's. */
  async bytes(): Promise<number> {
    const [row] = await this.entities.manager.query<{ bytes: string }[]>(
      'SELECT sum(pg_database_size(oid))::text AS bytes FROM pg_database WHERE NOT datistemplate',
    );
    return Number(row?.bytes);
  }

  async close(): Promise<void> {
    await this.entities.close();
  }

  private inputOf(accountId: string): SubscriptionInput {
    const subject = { kind: 'account', accountId } as const;
    const { plan, wish } = this;
    const policy = { ...USUAL_SUBSCRIPTION_POLICY, renewAheadMs: wish.renewAheadMs };
    const ground = { plans: [plan], policy, at: wish.anchor };
    const begun = advance(newSubscription(subject, 'UTC'), { type: 'change', planId: plan.planId }, ground);
    if (!begun.ok) throw new Error(`the plan of the bench was refused: ${begun.refusal.code}`);
    const { subscription, wakeAt } = begun.value;
    const { current } = subscription;
    const told = {
      state: subscriptionState(subscription),
      plan: current?.plan ?? null,
      period: current === null ? null : { start: current.period.start, end: current.period.end },
      scheduled: null,
      order: null,
      arrears: null,
      nextRenewal: null,
    };
    const subscribed = packSubscription(subscription);
    const carried = { subscription: subscribed, told, wakeAt, steps: 1, eventsARun: SUBSCRIPTION_EVENTS_A_RUN };
    return { subject, zone: 'UTC', planId: plan.planId, carried };
  }
}

/** Nobody pays for it, and no credits come by the day: what is measured is the period's renewal. */
function planOf({ name, periodMs }: SubscribersWish): PlanVersion {
  return {
    planId: `plan_bench_${name.replaceAll(' ', '_')}`,
    version: 1,
    name: `bench, ${name}`,
    effectiveFrom: instant(0),
    scope: 'account',
    tier: 0,
    custom: false,
    periodAllowance: credits(100n),
    dailyAllowance: ZERO,
    creditPeriod: { every: 'seconds', seconds: periodMs / 1_000 },
    billingPeriod: null,
    price: null,
    teamSeats: 1,
    features: [],
    limits: {
      maxIterations: 5,
      maxConcurrentJobs: 1,
      maxContextTokens: 32_000,
      maxCredits: credits(10n),
      maxDeadlineMs: 3_600_000,
      models: { tiers: ['standard'], names: [] },
      artefacts: { allowed: false, maxFiles: 0, maxBytes: 0 },
    },
  };
}
