// API room. A subscription as it stands: its row as the workflow left it, what fell due since included, so that nobody
// is shown a period that is over because a worker rests.
import type { WireSubscription } from '@fairmeter/contracts';
import { unpackSubscription } from '@fairmeter/contracts';
import type { PlanRef, PlanVersion, Subscription, SubscriptionSubject } from '@fairmeter/domain';
import { instant, invariant, plansNamedIn } from '@fairmeter/domain';
import type {
  ChangePreview,
  CreditsNow,
  NextRenewal,
  PreviewedChange,
  SubscriptionGround,
} from '@fairmeter/domain/subscriptions';
import { advance, nextRenewalOf, previewChange } from '@fairmeter/domain/subscriptions';
import { readPeriodLeft, readPresent } from '@fairmeter/ledger/reads';
import type { ApiConfig, Clock } from '@fairmeter/platform';
import type { EntityManager } from '@fairmeter/platform/database';
import {
  listPlansFor,
  readAnswering,
  readPlansOfSubscription,
  readSubscription,
  readSubscriptionPayment,
  scopeOf,
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
      ...(await this.ground(tx, subject.accountId, plansNamedIn(stored))),
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

  /** Told by doing it to a copy, on what there is now: what is previewed and what is done cannot disagree. */
  async preview(tx: EntityManager, standing: Standing, event: PreviewedChange): Promise<ChangePreview> {
    const { subscription, ground } = standing;
    const preview = previewChange(subscription, event, { ...ground, now: await this.creditsNow(tx, subscription) });
    if (!preview.ok) throw refusalProblem(preview.refusal, ground.at);
    return preview.value;
  }

  private async creditsNow(tx: EntityManager, { subject, current }: Subscription): Promise<CreditsNow> {
    const present = await readPresent(tx, scopeOf(subject), instant(this.clock.now()));
    const kind = subject.kind === 'account' ? 'subscription' : 'eu_allowance';
    const lot = current?.lot ?? null;
    return readPeriodLeft(tx, present, lot === null ? null : { kind, sourceRef: lot.source });
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

function asOf(stored: Subscription, ground: SubscriptionPlans): Subscription {
  const woken = advance(stored, { type: 'wake' }, ground);
  invariant(woken.ok, 'subscription.wakes', 'a subscription refused to be woken');
  return woken.value.subscription;
}
