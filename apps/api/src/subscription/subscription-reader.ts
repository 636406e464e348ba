// API room. A subscription as it stands: its row as the workflow left it, what fell due since included, so that nobody
// is shown a period that is over because a worker rests.
import type { WireSubscription } from '@fairmeter/contracts';
import { unpackSubscription } from '@fairmeter/contracts';
import type { PlanRef, PlanVersion, Subscription, SubscriptionSubject } from '@fairmeter/domain';
import { instant, invariant } from '@fairmeter/domain';
import type { ChangePreview, NextRenewal, PreviewedChange, SubscriptionGround } from '@fairmeter/domain/subscriptions';
import { advance, nextRenewalOf, previewChange } from '@fairmeter/domain/subscriptions';
import type { ApiConfig, Clock } from '@fairmeter/platform';
import type { EntityManager } from '@fairmeter/platform/database';
import {
  listPlansFor,
  readAnswering,
  readPlansOfSubscription,
  readSubscription,
  readSubscriptionPayment,
} from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import { refusalProblem } from '../problems/refusal-problem.js';
import { API_CLOCK, API_CONFIG } from '../tokens.js';

export interface SubscriptionPlans extends SubscriptionGround {
  readonly plans: readonly PlanVersion[];
}

export interface Standing {
  readonly subscription: Subscription;
  readonly nextRenewal: NextRenewal | null;
  readonly ground: SubscriptionPlans;
  readonly nameOf: (plan: PlanRef) => string;
  readonly checkoutUrlOf: (paymentKey: string) => string | null;
}

@Injectable()
export class SubscriptionReader {
  constructor(
    @Inject(API_CLOCK) private readonly clock: Clock,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
  ) {}

  /** What this account or its visitors may choose, and what the subscription is on, whoever that is sold to by now. */
  async ground(tx: EntityManager, accountId: string, planIds: readonly string[] = []): Promise<SubscriptionPlans> {
    const offered = await listPlansFor(tx, accountId);
    const own = await readPlansOfSubscription(tx, { accountId, planIds, wished: null });
    const { subscriptions: policy } = this.config;
    return { plans: [...offered, ...own], policy, at: instant(this.clock.now()) };
  }

  /** Null where there is none, or none yet. */
  async read(tx: EntityManager, subject: SubscriptionSubject): Promise<Standing | null> {
    const row = await readSubscription(tx, subject);
    if (row === null) return null;
    // Whose it is says whoever asks: its bot may have moved since the last step.
    const stored = { ...unpackSubscription(row.written as WireSubscription), subject };
    const answering = await readAnswering(tx, subject);
    const ground = {
      ...(await this.ground(tx, subject.accountId, planIdsOf(stored))),
      endsWithPaidTime: answering?.isArchived === true,
    };
    const subscription = asOf(stored, ground);
    const keys = [subscription.order?.payment.key, subscription.arrears?.payment.key].filter(
      (key) => key !== undefined,
    );
    const payments = await Promise.all(keys.map(async (key) => readSubscriptionPayment(tx, { subject, key })));
    return {
      ...standingOf(subscription, ground),
      checkoutUrlOf: (key) => payments.find((payment) => payment?.key === key)?.checkoutUrl ?? null,
    };
  }
}

/** As one is before its first plan, for whoever asks what a first plan would be. */
export function standingOf(subscription: Subscription, ground: SubscriptionPlans): Standing {
  return {
    subscription,
    ground,
    nextRenewal: nextRenewalOf(subscription, ground),
    nameOf: ({ planId, version }) => {
      const plan = ground.plans.find((one) => one.planId === planId && one.version === version);
      invariant(plan !== undefined, 'plan.never-unpublished', `no version ${version} of ${planId}`);
      return plan.name;
    },
    checkoutUrlOf: () => null,
  };
}

/** Told by doing it to a copy: what is previewed and what is done cannot disagree. */
export function previewOf({ subscription, ground }: Standing, event: PreviewedChange): ChangePreview {
  const preview = previewChange(subscription, event, ground);
  if (!preview.ok) throw refusalProblem(preview.refusal, ground.at);
  return preview.value;
}

function planIdsOf({ current, scheduled, order, ahead }: Subscription): readonly string[] {
  const scheduledId = scheduled?.to === 'plan' ? scheduled.planId : undefined;
  const ids = [current?.plan.planId, scheduledId, order?.plan.planId, ahead?.next?.plan.planId];
  return ids.filter((id) => id !== undefined);
}

function asOf(stored: Subscription, ground: SubscriptionPlans): Subscription {
  const woken = advance(stored, { type: 'wake' }, ground);
  invariant(woken.ok, 'subscription.wakes', 'a subscription refused to be woken');
  return woken.value.subscription;
}
