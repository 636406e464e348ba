// Workflows room. One step of a subscription: decided and recorded, then done effect by effect, and only then kept. A
// step that is run again after a crash does the same under the same names.
import type {
  AdvancedSubscription,
  CarriedSubscription,
  DecidedStep,
  KeptStep,
  NamedStep,
  PaymentHeard,
  SubscriptionInput,
  SubscriptionTold,
  WireBookedEffect,
  WireEffect,
  WirePaymentEffect,
  WireSubscription,
} from '@fairmeter/contracts';
import { EFFECTS_AT_ONCE, isForPort, stepOf, SUBSCRIPTION_EVENTS_A_RUN } from '@fairmeter/contracts';
import type { SubscriptionSubject } from '@fairmeter/domain';
import { invariant } from '@fairmeter/domain';
import { isCancellation, log, sleep } from '@temporalio/workflow';
import { BROKEN_STEP_PAUSE_MS, SUBSCRIPTION_HISTORY_EVENTS } from '../policies.js';
import { advanceSubscription, applySubscription, askSubscriptionPayment, dropSubscriptionPayment } from '../proxies.js';
import type { Answer, Heard, Standing } from './inbox.js';
import { knownPayments, newsOf } from './known-payments.js';

export class SubscriptionSteps implements Standing {
  private readonly subject: SubscriptionSubject;
  subscription: WireSubscription;
  wakeAt: number | null;
  private readonly eventsAfterWakes: number;
  private wasWished = false;
  private steps: number;
  private told: SubscriptionTold | undefined;

  constructor({ subject }: SubscriptionInput, from: Omit<CarriedSubscription, 'told'> & { told?: SubscriptionTold }) {
    this.subject = subject;
    this.subscription = from.subscription;
    this.wakeAt = from.wakeAt;
    this.eventsAfterWakes = from.eventsARun ?? SUBSCRIPTION_HISTORY_EVENTS;
    this.steps = from.steps;
    this.told = from.told;
  }

  /** Whoever wished something may ask again by the same name, which holds for one run: it is kept for longer. */
  get eventsARun(): number {
    return this.wasWished ? SUBSCRIPTION_HISTORY_EVENTS : this.eventsAfterWakes;
  }

  get isDue(): boolean {
    return this.wakeAt !== null && this.wakeAt <= Date.now();
  }

  /** Nothing is left that could begin by itself, and nothing is waited for. */
  get isOver(): boolean {
    const { current, order } = this.subscription;
    return current === null && order === null;
  }

  get carried(): CarriedSubscription {
    const { subscription, wakeAt, steps, told } = this;
    invariant(told !== undefined, 'subscription.answers-once', 'a run is to go on that has not begun');
    return { subscription, wakeAt, steps, told, eventsARun: SUBSCRIPTION_EVENTS_A_RUN };
  }

  async take({ event, wish }: Heard): Promise<Answer> {
    for (;;) {
      const asked = { step: this.steps + 1, asOf: Date.now(), wish };
      const { subscription: before, subject: carryOutFor } = this;
      const advanced = await untilDone(() =>
        advanceSubscription({ subscription: before, event, ...asked, carryOutFor }),
      );
      if (advanced.outcome === 'refused') return { refusal: advanced.refusal };
      const decided = advanced.decided ?? { ...asked, isOther: false };
      const told = await this.carryOut(advanced, decided);
      // What somebody was lost over is done first; then this is decided, by what has come of it.
      if (decided.isOther) continue;
      this.wasWished = wish !== null;
      return { told };
    }
  }

  private async carryOut(advanced: AdvancedSubscription, decided: DecidedStep): Promise<SubscriptionTold> {
    const news = advanced.isCarriedOut ? [] : await this.do(advanced.effects, stepOf(decided, advanced));
    this.subscription = advanced.subscription;
    this.wakeAt = advanced.wakeAt;
    this.steps = decided.step;
    this.told = advanced.told;
    // What was asked of somebody who answers at once belongs to the same answer.
    for (const payment of news) await this.take({ event: { type: 'payment', ...payment }, wish: null });
    return this.told;
  }

  /** What has become of the payments that it knows of, and is not known yet. */
  async askAgain(): Promise<readonly PaymentHeard[]> {
    const news: PaymentHeard[] = [];
    const step = { asOf: Date.now() };
    for (const known of knownPayments(this.subscription)) {
      const heard = await this.pay(known.ask, step);
      news.push(...heard.flatMap((one) => newsOf(known, one)));
    }
    return news;
  }

  /** Answers with what was heard at once of the payments that were asked for. */
  private async do(effects: readonly WireEffect[], { keep, ...step }: NamedStep): Promise<readonly PaymentHeard[]> {
    const news: PaymentHeard[] = [];
    let from = 0;
    let booked: WireBookedEffect[] = [];
    const book = async (end: KeptStep | null): Promise<void> => {
      const part = { subject: this.subject, ...step, from, effects: booked, keep: end };
      if (booked.length > 0 || end !== null) await untilDone(() => applySubscription(part));
      from += booked.length;
      booked = [];
    };
    for (const effect of effects) {
      if (isForPort(effect)) {
        await book(null);
        news.push(...(await this.pay(effect, step)));
        from += 1;
      } else {
        booked.push(effect);
        if (booked.length === EFFECTS_AT_ONCE) await book(null);
      }
    }
    await book(keep);
    return news;
  }

  private async pay(effect: WirePaymentEffect, { asOf }: Pick<NamedStep, 'asOf'>): Promise<readonly PaymentHeard[]> {
    const { subject } = this;
    const { key } = effect;
    if (effect.do === 'drop_payment') {
      await untilDone(() => dropSubscriptionPayment({ subject, key }));
      return [];
    }
    const { do: _, ...asked } = effect;
    const { state } = await untilDone(() => askSubscriptionPayment({ subject, ...asked, asOf }));
    return state === 'open' ? [] : [{ key, paid: state === 'paid' }];
  }
}

/**
 * A life of years does not end with a fault of ours: what is broken is tried again, by a release that has mended it.
 * Nothing that comes after it in its subscription is done before.
 */
export async function untilDone<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (isCancellation(error)) throw error;
      log.error('a step of a subscription is broken', { error });
      await sleep(BROKEN_STEP_PAUSE_MS);
    }
  }
}
