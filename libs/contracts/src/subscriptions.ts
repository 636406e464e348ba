// Contracts room. A subscription on its way through the years: who is asked what, what is heard of its payments, and
// what its activities are handed. Amounts and states cross in the form of `subscription-codec.ts`.
import type {
  PlanRef,
  ScheduledChange,
  SubscriptionEvent,
  SubscriptionState,
  SubscriptionSubject,
  WhyPaid,
} from '@fairmeter/domain';
import { instant, instantToText, subjectId } from '@fairmeter/domain';
import type { UpdateDefinition } from '@temporalio/common';
import { defineSignal, defineUpdate } from '@temporalio/workflow';
import type { WireRefusal } from './failure-codec.js';
import type { WireBookedEffect, WireEffect, WirePayment, WirePrice, WireSubscription } from './subscription-codec.js';

export const ACCOUNT_SUBSCRIPTION_WORKFLOW = 'accountSubscription';
export const END_USER_SUBSCRIPTION_WORKFLOW = 'endUserSubscription';

/** One workflow per subject, for good: it is always started with "use existing". */
export function subscriptionWorkflowId(subject: SubscriptionSubject): string {
  return `subscription/${subjectId(subject)}`;
}

export interface SubscriptionInput {
  readonly subject: SubscriptionSubject;
  /** Where the account is. A subscription that is known already keeps its own. */
  readonly zone: string;
  /** What it begins with, where it has no plan yet. */
  readonly planId: string;
  /** From the run before: of nobody else. */
  readonly carried?: CarriedSubscription;
}

export interface CarriedSubscription {
  readonly subscription: WireSubscription;
  readonly told: SubscriptionTold;
  readonly wakeAt: number | null;
  readonly steps: number;
  readonly eventsARun?: number;
  /** The wishes that were done last, the newest at the end: the server knows their names of one run alone. */
  readonly wished?: readonly DoneWish[];
}

export interface DoneWish {
  readonly name: string;
  readonly at: number;
}

/** So many are known: who repeats a wish does so soon, and each is carried from run to run. */
export const WISHES_KNOWN = 16;

/** As long as an answer is kept: who comes later by the same name wishes it anew. */
export const WISHES_KNOWN_MS = 30 * 24 * 3_600_000;

/** Some six steps: whoever wakes replays its run, and a new run costs what replaying three or four of them does. */
export const SUBSCRIPTION_EVENTS_A_RUN = 40;

/** As it stands after a step, as its owner or visitor may know it. */
export interface SubscriptionTold {
  readonly state: SubscriptionState;
  readonly plan: PlanRef | null;
  readonly period: { readonly start: number; readonly end: number } | null;
  readonly scheduled: ScheduledChange | null;
  /** A plan that begins once it is paid. */
  readonly order: { readonly plan: PlanRef; readonly payment: WirePayment } | null;
  /** A period that has begun and is not paid. */
  readonly arrears: { readonly payment: WirePayment; readonly graceUntil: number } | null;
  readonly nextRenewal: ToldRenewal | null;
}

export interface ToldRenewal {
  readonly at: number;
  /** Null where nothing follows. */
  readonly plan: PlanRef | null;
  readonly creditsMicroCredits: string;
  /** Null where this one is not paid for. */
  readonly price: WirePrice | null;
}

/** Whose wish it is, for the audit. */
export interface SubscriptionAsker {
  readonly actor: { readonly role: string; readonly id: string };
  readonly requestId: string;
}

export interface PlanChange extends SubscriptionAsker {
  readonly planId: string;
  /** Start of the period that the preview told, null where none ran. In another one it is `preview_stale`. */
  readonly previewedPeriod?: number | null;
}

export interface ZoneChange extends SubscriptionAsker {
  readonly zone: string;
}

/** Answers once the first plan stands, or is ordered. */
export const standingUpdate = defineUpdate<SubscriptionTold>('standing');

export type WishUpdate<Wish extends SubscriptionAsker> = UpdateDefinition<SubscriptionTold, [Wish]>;

/** Each answers the standing after it, or fails with the refusal as the failure's detail. */
export const changePlanUpdate = defineUpdate<SubscriptionTold, [PlanChange]>('changePlan');
export const cancelPlanUpdate = defineUpdate<SubscriptionTold, [SubscriptionAsker]>('cancelPlan');
export const undoPlanUpdate = defineUpdate<SubscriptionTold, [SubscriptionAsker]>('undoPlan');
export const zoneUpdate = defineUpdate<SubscriptionTold, [ZoneChange]>('zone');

export interface PaymentHeard {
  readonly key: string;
  readonly paid: boolean;
  /** It had been paid, and the money was taken back. */
  readonly returned?: true;
}

/** News of a payment that was open when it was asked for; it may come twice. */
export const paymentSignal = defineSignal<[PaymentHeard]>('payment');

/** A time-zone release may have moved what was reckoned: it is looked at once more. */
export const reckonSignal = defineSignal('reckon');

/** The account is closed, or the visitor forgotten: at once, and nothing begins any more. */
export const closeSignal = defineSignal('close');

export interface AdvanceInput {
  readonly subscription: WireSubscription;
  readonly event: SubscriptionEvent;
  readonly wish: SubscriptionWish | null;
  readonly asOf: number;
  /** The number of the step that is to be decided. */
  readonly step: number;
  /** For whom it is carried out at once, where ledger and records are all it takes. */
  readonly carryOutFor?: SubscriptionSubject;
}

export interface AdvancedSubscription {
  readonly outcome: 'advanced';
  readonly subscription: WireSubscription;
  readonly effects: readonly WireEffect[];
  readonly wakeAt: number | null;
  readonly told: SubscriptionTold;
  /** The first runs were answered without it: theirs was decided when they asked. */
  readonly decided?: DecidedStep;
  /** Its effects are done and it is kept: nothing is left to ask for. */
  readonly isCarriedOut?: true;
}

/** Under which number and instant it was decided: earlier than asked for, where somebody was lost in between. */
export interface DecidedStep {
  readonly step: number;
  readonly asOf: number;
  readonly wish: SubscriptionWish | null;
  /** It answers something else that was heard before, and is to be done first. */
  readonly isOther: boolean;
}

export interface RefusedEvent {
  readonly outcome: 'refused';
  readonly refusal: WireRefusal;
}

/** What one local activity does of them: after a long standstill there are many. Another number is another order. */
export const EFFECTS_AT_ONCE = 16;

/** Some effects of one step on ledger and records, in their order. */
export interface EffectsInput {
  readonly subject: SubscriptionSubject;
  readonly asOf: number;
  /** Unique among the steps of one subscription: with its place in the step it names what has no name of its own. */
  readonly stepKey: string;
  /** The place of the first of them. */
  readonly from: number;
  readonly effects: readonly WireBookedEffect[];
  /** With the last of them: what is remembered from now on, and whose wish it was. */
  readonly keep: KeptStep | null;
}

export interface KeptStep {
  readonly subscription: WireSubscription;
  readonly wakeAt: number | null;
  readonly steps: number;
  readonly wish: SubscriptionWish | null;
}

/** Named after when it was decided, and kept under its number. */
export function stepOf({ step, asOf, wish }: DecidedStep, { subscription, wakeAt }: AdvancedSubscription): NamedStep {
  const stepKey = `${instantToText(instant(asOf))}/${step}`;
  return { asOf, stepKey, keep: { subscription, wakeAt, steps: step, wish } };
}

export interface NamedStep extends Pick<EffectsInput, 'asOf' | 'stepKey'> {
  readonly keep: KeptStep;
}

export interface SubscriptionWish extends SubscriptionAsker {
  readonly action: 'plan_changed' | 'cancelled' | 'undone' | 'zone_changed';
}

export interface OpenedSubscription {
  readonly outcome: 'opened';
  readonly subscription: WireSubscription;
  readonly steps: number;
  /** When its run goes on in a new one. Who was begun before it was told so keeps to what held then. */
  readonly eventsARun?: number;
}

/** Local, each one idempotent step. */
export interface SubscriptionActivities {
  /** As it was remembered, should a run of it have been lost; else one before its first plan. */
  openSubscription(input: Pick<SubscriptionInput, 'subject' | 'zone'>): Promise<OpenedSubscription | RefusedEvent>;
  /** Decides each step once: asked again, also by another run, it answers the same. Told for whom, it does it too. */
  advanceSubscription(input: AdvanceInput): Promise<AdvancedSubscription | RefusedEvent>;
  applySubscription(input: EffectsInput): Promise<void>;
  /** It could not be told something: whoever looks after the lost ones sees to it that it runs. */
  seekSubscription(input: Pick<SubscriptionInput, 'subject'>): Promise<void>;
}

export interface SubscriptionPaymentInput {
  readonly subject: SubscriptionSubject;
  readonly key: string;
}

export interface AskedSubscriptionPayment extends SubscriptionPaymentInput {
  readonly plan: PlanRef;
  readonly price: WirePrice;
  readonly why: WhyPaid;
  /** The payment that was taken back, in whose place this one is. */
  readonly replaces?: string;
  readonly asOf: number;
}

export interface SubscriptionPaymentAnswer {
  /** `paid` and `failed` are the news; of what is `open`, news comes as a signal. */
  readonly state: 'paid' | 'open' | 'failed';
  readonly checkoutUrl: string | null;
}

/** What talks to the payment provider. */
export interface SubscriptionPaymentActivities {
  /** Asks once under a key, however often it is called. */
  askSubscriptionPayment(asked: AskedSubscriptionPayment): Promise<SubscriptionPaymentAnswer>;
  /** Nobody waits for it any more: closed while open, given back where it was paid or is paid all the same. */
  dropSubscriptionPayment(dropped: SubscriptionPaymentInput): Promise<void>;
}
