// Test harness. Drives a subscription as its workflow does, with the lots, payments and terms of it in memory.
// It is strict: a lot is named once, nothing is added to one that is not there, nothing begun is taken back.
import type {
  Instant,
  MicroCredits,
  PlanPrice,
  PlanRef,
  PlanTerms,
  Subscription,
  SubscriptionEffect,
  SubscriptionEvent,
  SubscriptionNews,
  SubscriptionPolicy,
  SubscriptionState,
  SubscriptionSubject,
} from '@fairmeter/domain';
import {
  add,
  formatCredits,
  instant,
  instantToText,
  subtract,
  subscriptionState,
  USUAL_SUBSCRIPTION_POLICY,
  ZERO,
} from '@fairmeter/domain';
import type { Outcome } from '@fairmeter/domain';
import type { ChangePreview, CreditsNow, PreviewedChange, SubscriptionStep } from '@fairmeter/domain/subscriptions';
import { advance, newSubscription, previewChange } from '@fairmeter/domain/subscriptions';
import type { DailyPeriod, DailyTerms } from '@fairmeter/domain/time';
import { changeTerms, dailyPeriodAt, firstTerms } from '@fairmeter/domain/time';

export interface BookedLot {
  readonly source: string;
  readonly granted: MicroCredits;
  readonly spent: MicroCredits;
  readonly validFrom: Instant;
  readonly periodStart: Instant;
  readonly endsAt: Instant;
  readonly takenBack: boolean;
}

export interface BookedPayment {
  readonly key: string;
  readonly price: PlanPrice;
  readonly plan: PlanRef;
  readonly state: 'open' | 'paid' | 'failed' | 'dropped';
}

export interface BookOptions {
  readonly plans: readonly PlanTerms[];
  readonly subject?: SubscriptionSubject;
  readonly zone?: string;
  readonly policy?: SubscriptionPolicy;
  /** By hand: payments stay open until a test says what became of them. */
  readonly pays?: 'at_once' | 'by_hand';
  /** At each boundary, whatever was asked for: as if nobody could come late to one. */
  readonly wakes?: 'as_asked' | 'at_each_boundary';
}

export class SubscriptionBook {
  subscription: Subscription;
  wakeAt: Instant | null = null;
  plan: PlanRef | null = null;
  /** Every effect so far, in order. */
  readonly done: SubscriptionEffect[] = [];
  told: { readonly news: SubscriptionNews; readonly since: Instant }[] = [];
  dailyAllowance: MicroCredits = ZERO;
  zone: string | null = null;
  /** Nothing here makes one: a test says so. */
  debt: MicroCredits = ZERO;
  pays: 'at_once' | 'by_hand';
  private readonly byName = new Map<string, BookedLot>();
  private readonly asked = new Map<string, BookedPayment>();
  private readonly grown = new Set<string>();
  private readonly terms: DailyTerms[] = [];
  /** By the start of the day. */
  private readonly spentOfDays = new Map<Instant, MicroCredits>();

  constructor(private readonly options: BookOptions) {
    const { subject = { kind: 'account', accountId: 'acc_1' }, zone = 'Europe/Berlin', pays = 'at_once' } = options;
    this.subscription = newSubscription(subject, zone);
    this.pays = pays;
  }

  get state(): SubscriptionState {
    return subscriptionState(this.subscription);
  }

  get lots(): readonly BookedLot[] {
    return [...this.byName.values()];
  }

  get payments(): readonly BookedPayment[] {
    return [...this.asked.values()];
  }

  /** Every wake until `at`, as they were asked for, and the event there. */
  act(at: Instant, event: SubscriptionEvent): Outcome<SubscriptionStep> {
    this.runUntil(at);
    return this.step(at, event);
  }

  change(at: Instant, planId: string): void {
    this.mustAct(at, { type: 'change', planId });
  }

  mustAct(at: Instant, event: SubscriptionEvent): void {
    const done = this.act(at, event);
    if (!done.ok) throw new Error(`refused: ${JSON.stringify(done.refusal)}`);
  }

  runUntil(at: Instant): void {
    for (let wake = this.nextWake; wake !== null && wake <= at; wake = this.nextWake) this.step(wake, { type: 'wake' });
  }

  /** Nothing woke before: a worker that was down. */
  step(at: Instant, event: SubscriptionEvent): Outcome<SubscriptionStep> {
    const done = advance(this.subscription, event, this.ground(at));
    if (!done.ok) return done;
    this.subscription = done.value.subscription;
    this.wakeAt = done.value.wakeAt;
    for (const effect of done.value.effects) this.do(effect, at);
    this.checkOneLotAtATime();
    if (this.pays === 'at_once') this.payOpen(at);
    return done;
  }

  preview(at: Instant, event: PreviewedChange): ChangePreview {
    // Told to whoever reads it, so of the period of now, though its wake may be behind it.
    const woken = advance(this.subscription, { type: 'wake' }, this.ground(at));
    if (!woken.ok) throw new Error(`refused to wake: ${woken.refusal.code}`);
    const { subscription } = woken.value;
    const told = previewChange(subscription, event, { ...this.ground(at), now: this.creditsNow(at, subscription) });
    if (!told.ok) throw new Error(`refused: ${told.refusal.code}`);
    return told.value;
  }

  /** What became of the payment that is open. */
  hear(at: Instant, paid: boolean): void {
    const [open] = this.payments.filter(({ state }) => state === 'open' || state === 'failed');
    if (open === undefined) throw new Error('no payment is open');
    this.runUntil(at);
    this.settle(at, open, paid);
  }

  /** Of the period. */
  available(at: Instant): MicroCredits {
    return add(ZERO, ...this.liveAt(at).map(({ granted, spent }) => subtract(granted, spent)));
  }

  spend(at: Instant, amount: MicroCredits): void {
    const [lot] = this.liveAt(at);
    if (lot === undefined || lot.granted - lot.spent < amount) throw new Error('more than there is');
    this.byName.set(lot.source, { ...lot, spent: add(lot.spent, amount) });
  }

  availableToday(at: Instant): MicroCredits {
    const day = this.dayAt(at);
    return day === undefined ? ZERO : subtract(day.grantedNow, this.spentOfDays.get(day.start) ?? ZERO);
  }

  spendToday(at: Instant, amount: MicroCredits): void {
    const day = this.dayAt(at);
    if (day === undefined || this.availableToday(at) < amount) throw new Error('more than there is');
    this.spentOfDays.set(day.start, add(this.spentOfDays.get(day.start) ?? ZERO, amount));
  }

  /** Those that were not taken back, by their start: `2027-01-31T08:00:00.000Z 300.000000`. */
  table(): readonly string[] {
    return this.lots
      .filter(({ takenBack }) => !takenBack)
      .map(({ validFrom, granted }) => `${instantToText(validFrom)} ${formatCredits(granted)}`);
  }

  private get nextWake(): Instant | null {
    const { wakeAt, options } = this;
    const { current, ahead } = this.subscription;
    if (options.wakes !== 'at_each_boundary' || wakeAt === null || current === null || ahead === null) return wakeAt;
    return instant(Math.min(wakeAt, current.period.end));
  }

  private ground(at: Instant): { plans: readonly PlanTerms[]; policy: SubscriptionPolicy; at: Instant } {
    return { plans: this.options.plans, policy: this.options.policy ?? USUAL_SUBSCRIPTION_POLICY, at };
  }

  private creditsNow(at: Instant, { current }: Subscription): CreditsNow {
    const lot = this.byName.get(current?.lot?.source ?? '');
    const leftOfPeriod = lot === undefined ? ZERO : subtract(lot.granted, lot.spent);
    return { leftOfPeriod, givenToday: this.dayAt(at)?.grantedNow ?? ZERO, debt: this.debt };
  }

  private dayAt(at: Instant): DailyPeriod | undefined {
    return this.terms.length === 0 ? undefined : dailyPeriodAt(this.terms, at);
  }

  private liveAt(at: Instant): readonly BookedLot[] {
    return this.lots.filter((lot) => lot.validFrom <= at && at < lot.endsAt && !lot.takenBack);
  }

  private payOpen(at: Instant): void {
    for (const payment of this.payments) if (payment.state === 'open') this.settle(at, payment, true);
  }

  private settle(at: Instant, { key, ...payment }: BookedPayment, paid: boolean): void {
    this.asked.set(key, { key, ...payment, state: paid ? 'paid' : 'failed' });
    this.step(at, { type: 'payment', key, paid });
  }

  private do(effect: SubscriptionEffect, at: Instant): void {
    this.done.push(effect);
    switch (effect.do) {
      case 'grant_lot': {
        if (this.byName.has(effect.source)) throw new Error(`a second lot ${effect.source}`);
        const { source, amount: granted, validFrom, periodStart, expiresAt: endsAt, inPlaceOf } = effect;
        if (inPlaceOf !== undefined) this.byName.set(inPlaceOf, { ...this.lotOf(inPlaceOf), endsAt: at });
        this.byName.set(source, { source, granted, validFrom, periodStart, endsAt, spent: ZERO, takenBack: false });
        return;
      }
      case 'grow_lot': {
        const lot = this.lotOf(effect.source);
        if (this.grown.has(effect.key)) throw new Error(`grown twice by ${effect.key}`);
        if (lot.takenBack || at < lot.validFrom || lot.endsAt <= at) throw new Error(`${effect.source} is not live`);
        this.grown.add(effect.key);
        this.byName.set(lot.source, { ...lot, granted: add(lot.granted, effect.amount) });
        return;
      }
      case 'end_lot':
        this.byName.set(effect.source, { ...this.lotOf(effect.source), endsAt: at });
        return;
      case 'take_back_lot': {
        const lot = this.lotOf(effect.source);
        if (lot.validFrom <= at || lot.takenBack) throw new Error(`${effect.source} has begun, or was taken back`);
        this.byName.set(lot.source, { ...lot, takenBack: true });
        return;
      }
      case 'set_terms':
        this.dailyAllowance = effect.dailyAllowance;
        this.zone = effect.zone;
        this.terms.push(this.terms.length === 0 ? firstTerms(effect, at) : changeTerms(this.terms, effect, at));
        return;
      case 'set_plan':
        this.plan = effect.plan;
        return;
      case 'ask_payment': {
        const { key, price, plan } = effect;
        if (this.asked.has(key)) throw new Error(`asked twice for ${key}`);
        this.asked.set(key, { key, price, plan, state: 'open' });
        return;
      }
      case 'drop_payment': {
        const payment = this.asked.get(effect.key);
        if (payment === undefined) throw new Error(`never asked for ${effect.key}`);
        this.asked.set(effect.key, { ...payment, state: 'dropped' });
        return;
      }
      case 'tell':
        this.told.push({ news: effect.news, since: effect.since });
    }
  }

  private lotOf(source: string): BookedLot {
    const lot = this.byName.get(source);
    if (lot === undefined) throw new Error(`no lot ${source}`);
    return lot;
  }

  private checkOneLotAtATime(): void {
    const standing = this.lots.filter(({ takenBack, validFrom, endsAt }) => !takenBack && validFrom < endsAt);
    standing.sort((a, b) => a.validFrom - b.validFrom);
    standing.forEach((lot, index) => {
      const next = standing[index + 1];
      if (next !== undefined && next.validFrom < lot.endsAt) throw new Error(`${next.source} within ${lot.source}`);
    });
  }
}
