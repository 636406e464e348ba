// Activities room. A subscription step by step: what it decides, asked of the domain's reducer and recorded before
// anything is done; then its effects, each under a key of its own; last what is remembered of it.
import type {
  AdvancedSubscription,
  AdvanceInput,
  DecidedStep,
  EffectsInput,
  KeptStep,
  OpenedSubscription,
  RefusedEvent,
  SubscriptionActivities,
  SubscriptionInput,
  WireSubscription,
} from '@fairmeter/contracts';
import {
  EFFECTS_AT_ONCE,
  isForPort,
  packEffect,
  packRefusal,
  packSubscription,
  stepOf,
  SUBSCRIPTION_EVENTS_A_RUN,
  unpackEffect,
  unpackSubscription,
} from '@fairmeter/contracts';
import type {
  AccountStatus,
  Refusal,
  Subscription,
  SubscriptionEvent,
  SubscriptionPolicy,
  SubscriptionSubject,
} from '@fairmeter/domain';
import { accountMay, instant, plansNamedIn, subjectId, subscriptionState } from '@fairmeter/domain';
import type { SubscriptionGround } from '@fairmeter/domain/subscriptions';
import { advance, newSubscription, reckonsAhead } from '@fairmeter/domain/subscriptions';
import { zoneName } from '@fairmeter/domain/time';
import type { EntityDatabase, EntityManager } from '@fairmeter/platform/database';
import type { AuditedState, KnownDecision, StoredSubscription } from '@fairmeter/records';
import {
  readAnswering,
  readDecision,
  readPlansOfSubscription,
  readSubscription,
  saveDecision,
  saveSubscription,
  seekSubscription,
  waitForDisk,
  writeAudit,
} from '@fairmeter/records';
import { brokenIsFinal } from '../to-application-failure.js';
import type { SubscriptionEffects } from './subscription-effects.js';
import { toldOf } from './told-subscription.js';

export interface SubscriptionParts {
  readonly entities: EntityDatabase;
  readonly effects: SubscriptionEffects;
  readonly policy: SubscriptionPolicy;
  /** Of this process: `2025c`. */
  readonly zoneRules: string;
}

export class SubscriptionActivitiesOverLedger implements SubscriptionActivities {
  constructor(private readonly parts: SubscriptionParts) {}

  async openSubscription({
    subject,
    zone,
  }: Pick<SubscriptionInput, 'subject' | 'zone'>): Promise<OpenedSubscription | RefusedEvent> {
    const { manager } = this.parts.entities;
    const answering = await answeringFor(manager, subject);
    const { status } = answering;
    const stored = await readSubscription(manager, subject);
    // One that goes on where nobody may any more, since nobody could tell it, is there to be ended.
    if (!accountMay(status, 'pay') && !isLiving(stored)) return refused({ code: 'account_not_active', status });
    if (stored === null) {
      return opened(packSubscription(newSubscription(answering.subject, zone)), 0);
    }
    const written = { ...(stored.written as WireSubscription), subject: answering.subject };
    // What begins anew begins where the account is now.
    const subscription = stored.plan === null ? { ...written, zone } : written;
    return opened(subscription, stored.steps);
  }

  async advanceSubscription(input: AdvanceInput): Promise<AdvancedSubscription | RefusedEvent> {
    const answer = await brokenIsFinal(async () => this.decideOnce(input));
    const { carryOutFor: subject, step } = input;
    if (answer.outcome === 'refused' || answer.decided === undefined || subject === undefined) return answer;
    // A try that was given up may wake up late: what was decided after it is not its to do.
    if (answer.decided.step !== step) return answer;
    const effects = answer.effects.filter((effect) => !isForPort(effect));
    if (effects.length < answer.effects.length || effects.length > EFFECTS_AT_ONCE) return answer;
    await this.applySubscription({ subject, ...stepOf(answer.decided, answer), from: 0, effects });
    return { ...answer, isCarriedOut: true };
  }

  /** On record before anything of it is done: whoever asks again does the same. */
  private async decideOnce(input: AdvanceInput): Promise<AdvancedSubscription | RefusedEvent> {
    const { manager } = this.parts.entities;
    const { subscription, event, wish, asOf, step } = input;
    const { subject } = subscription;
    const heard = { event, wish };
    for (;;) {
      const known = await readDecision(manager, { subject, step, heard });
      if (known !== null) return asDecided(known);
      const advanced = await this.decide(input);
      if (advanced.outcome === 'refused') return advanced;
      const decided = { ...advanced, decided: { step, asOf, wish, isOther: false } };
      // A twin may have decided it meanwhile: then its decision is this one's as well.
      if (await saveDecision(manager, { subject, step, heard, decided })) return decided;
    }
  }

  private async decide({
    subscription,
    event: heard,
    asOf,
  }: AdvanceInput): Promise<AdvancedSubscription | RefusedEvent> {
    if (heard.type === 'zone') {
      const zone = zoneName(heard.zone);
      if (!zone.ok) return refused(zone.refusal);
    }
    const carried = unpackSubscription(subscription);
    const { subject, status, isArchived } = await answeringFor(this.parts.entities.manager, carried.subject);
    const before = { ...carried, subject };
    // Who closed the account may not have come to tell this one: whatever is heard, nothing renews or begins.
    const event: SubscriptionEvent = status === 'closed' ? { type: 'close' } : heard;
    const ground = { ...(await this.groundOf(before, event, asOf)), endsWithPaidTime: isArchived };
    const step = advance(before, event, ground);
    if (!step.ok) return refused(step.refusal);
    const { subscription: after, effects, wakeAt } = step.value;
    return {
      outcome: 'advanced',
      subscription: packSubscription(after),
      effects: effects.map(packEffect),
      wakeAt,
      told: toldOf(after, ground),
    };
  }

  async seekSubscription({ subject }: Pick<SubscriptionInput, 'subject'>): Promise<void> {
    await seekSubscription(this.parts.entities.manager, subject);
  }

  async applySubscription({ subject, asOf, stepKey, from, effects, keep }: EffectsInput): Promise<void> {
    await brokenIsFinal(async () => {
      const step = { subject, asOf: instant(asOf), stepKey };
      for (const [index, effect] of effects.entries()) {
        await this.parts.effects.do(unpackEffect(effect), { ...step, place: from + index });
      }
      if (keep !== null) await this.parts.entities.transaction(async (tx) => this.remember(tx, keep));
    });
  }

  /** On disk before it is told: nothing looks at a subscription again before something falls due. */
  private async remember(tx: EntityManager, { subscription: written, wakeAt, steps, wish }: KeptStep): Promise<void> {
    await waitForDisk(tx);
    const subscription = unpackSubscription(written);
    const { subject, current } = subscription;
    const before = wish === null ? null : await readSubscription(tx, subject);
    const isNew = await saveSubscription(tx, {
      subject,
      written,
      state: subscriptionState(subscription),
      plan: current?.plan ?? null,
      period: current?.period ?? null,
      wakeAt: wakeAt === null ? null : instant(wakeAt),
      steps,
      zoneRules: current !== null && reckonsAhead(current) ? this.parts.zoneRules : null,
    });
    if (!isNew || wish === null) return;
    await writeAudit(tx, {
      accountId: subject.accountId,
      actor: wish.actor,
      action: `subscription.${wish.action}`,
      targetId: subjectId(subject),
      before: before === null ? null : auditedOf(unpackSubscription(before.written as WireSubscription)),
      after: auditedOf(subscription),
      requestId: wish.requestId,
    });
  }

  private async groundOf(before: Subscription, event: SubscriptionEvent, asOf: number): Promise<SubscriptionGround> {
    const { policy, entities } = this.parts;
    const plans = await readPlansOfSubscription(entities.manager, {
      accountId: before.subject.accountId,
      planIds: plansNamedIn(before),
      wished: event.type === 'change' ? event.planId : null,
    });
    return { plans, policy, at: instant(asOf) };
  }
}

interface AnsweringFor {
  /** With the account that has the bot by now. */
  readonly subject: SubscriptionSubject;
  readonly status: AccountStatus;
  readonly isArchived: boolean;
}

async function answeringFor(tx: EntityManager, subject: SubscriptionSubject): Promise<AnsweringFor> {
  const found = await readAnswering(tx, subject);
  if (found === null) return { subject, status: 'closed', isArchived: false };
  const { accountId, status, isArchived } = found;
  return { subject: { ...subject, accountId }, status, isArchived };
}

function isLiving(stored: StoredSubscription | null): boolean {
  return stored !== null && (stored.plan !== null || (stored.written as WireSubscription).order !== null);
}

function opened(subscription: WireSubscription, steps: number): OpenedSubscription {
  return { outcome: 'opened', subscription, steps, eventsARun: SUBSCRIPTION_EVENTS_A_RUN };
}

function refused(refusal: Refusal): RefusedEvent {
  return { outcome: 'refused', refusal: packRefusal(refusal) };
}

function asDecided({ step, isOfThis, decided }: KnownDecision): AdvancedSubscription {
  const before = decided as AdvancedSubscription & { readonly decided: DecidedStep };
  return { ...before, decided: { ...before.decided, step, isOther: !isOfThis } };
}

function auditedOf(subscription: Subscription): AuditedState {
  const { current, scheduled, order, zone } = subscription;
  return {
    state: subscriptionState(subscription),
    plan: current?.plan.planId ?? null,
    scheduled: scheduled?.to === 'plan' ? scheduled.planId : (scheduled?.to ?? null),
    ordered: order?.plan.planId ?? null,
    zone,
  };
}
