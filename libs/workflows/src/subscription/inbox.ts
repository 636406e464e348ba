// Workflows room. What a subscription hears: wishes, which are answered after their step, and news, which are not. What
// the state alone refuses is refused before anything is written.
import type {
  CarriedSubscription,
  DoneWish,
  PaymentHeard,
  SubscriptionAsker,
  SubscriptionTold,
  SubscriptionWish,
  WireRefusal,
  WireSubscription,
  WishUpdate,
} from '@fairmeter/contracts';
import {
  cancelPlanUpdate,
  changePlanUpdate,
  closeSignal,
  packRefusal,
  paymentSignal,
  reckonSignal,
  standingUpdate,
  undoPlanUpdate,
  WISHES_KNOWN,
  WISHES_KNOWN_MS,
  zoneUpdate,
} from '@fairmeter/contracts';
import type { Refusal, SubscriptionEvent } from '@fairmeter/domain';
import { instant, invariant } from '@fairmeter/domain';
import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  currentUpdateInfo,
  patched,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { WISH_DONE_BEFORE } from '../patches.js';

export type Answer = { readonly told: SubscriptionTold } | { readonly refusal: WireRefusal };

export interface Heard {
  readonly event: SubscriptionEvent;
  readonly wish: SubscriptionWish | null;
  /** Under which it was wished. */
  readonly name?: string | undefined;
  /** For whoever waits for it. */
  readonly answer?: (answer: Answer) => void;
}

/** As it stands while nothing is under way. */
export interface Standing {
  readonly subscription: WireSubscription;
  readonly wakeAt: number | null;
  readonly isOver: boolean;
  readonly eventsARun: number;
}

export class Inbox {
  private readonly waiting: Heard[] = [];
  /** Of the latest step that was not refused; should the first one be, what it was refused with. */
  private standsAs: Answer | undefined;
  private standing: Standing | null = null;
  private isClosed = false;
  private readonly wishedBefore: readonly DoneWish[];
  private readonly wishedNow: DoneWish[] = [];

  /** A new run knows what the one before it has told, and which wishes were done: who repeats one changes nothing. */
  constructor(before: Pick<CarriedSubscription, 'told' | 'wished'> | undefined) {
    if (before !== undefined) this.standsAs = { told: before.told };
    this.wishedBefore = before?.wished ?? [];
    setHandler(standingUpdate, async () => this.tellStanding());
    this.hearWishes();
    setHandler(paymentSignal, (heard) => {
      this.waiting.push({ event: paymentEvent(heard), wish: null });
    });
    setHandler(reckonSignal, () => {
      this.waiting.push({ event: { type: 'wake' }, wish: null });
    });
    setHandler(closeSignal, () => {
      this.isClosed = true;
      this.waiting.push({ event: { type: 'close' }, wish: null });
    });
  }

  /** For the run after this one. */
  get wished(): readonly DoneWish[] {
    return [...this.wishedBefore, ...this.wishedNow].slice(-WISHES_KNOWN);
  }

  /** Before everything that was heard. */
  putFirst(event: SubscriptionEvent): void {
    this.waiting.unshift({ event, wish: null });
  }

  next(): Heard | undefined {
    return this.waiting.shift();
  }

  answer(heard: Heard | null, answer: Answer): void {
    if ('told' in answer || this.standsAs === undefined) this.standsAs = answer;
    if ('told' in answer && heard?.name !== undefined) this.wishedNow.push({ name: heard.name, at: Date.now() });
    heard?.answer?.(answer);
  }

  /** What cannot begin refuses whatever is asked of it, until nobody asks any more. */
  async refuseAll(refusal: WireRefusal): Promise<void> {
    this.standsAs = { refusal };
    for (;;) {
      const heard = this.next();
      if (heard !== undefined) heard.answer?.({ refusal });
      else if (allHandlersFinished()) return;
      else await condition(() => this.waiting.length > 0 || allHandlersFinished());
    }
  }

  /** Until something is heard or falls due; or until nobody is waited for any more, where this run is to end. */
  async wait(standing: Standing): Promise<void> {
    this.standing = standing;
    const isTime = (): boolean =>
      this.waiting.length > 0 || ((standing.isOver || hasGrownLong(standing)) && allHandlersFinished());
    const { wakeAt } = standing;
    await (wakeAt === null ? condition(isTime) : condition(isTime, Math.max(1, wakeAt - Date.now())));
    this.standing = null;
  }

  private hearWishes(): void {
    this.hearWish(changePlanUpdate, 'plan_changed', ({ planId, previewedPeriod: of }) => {
      if (of === undefined) return { type: 'change', planId };
      return { type: 'change', planId, previewedPeriod: of === null ? null : instant(of) };
    });
    this.hearWish(cancelPlanUpdate, 'cancelled', () => ({ type: 'cancel' }));
    this.hearWish(undoPlanUpdate, 'undone', () => ({ type: 'undo' }));
    this.hearWish(zoneUpdate, 'zone_changed', ({ zone }) => ({ type: 'zone', zone }));
  }

  private hearWish<Wish extends SubscriptionAsker>(
    update: WishUpdate<Wish>,
    action: SubscriptionWish['action'],
    eventOf: (wish: Wish) => SubscriptionEvent,
  ): void {
    const wished = async (wish: Wish): Promise<SubscriptionTold> => {
      if (this.wasDoneBefore() && patched(WISH_DONE_BEFORE)) return this.tellStanding();
      const { actor, requestId } = wish;
      return this.hear(eventOf(wish), { actor, requestId, action });
    };
    setHandler(update, wished, {
      validator: (wish: Wish) => {
        if (!this.wasDoneBefore()) this.mustHear(eventOf(wish));
      },
    });
  }

  /**
   * In a run before this one; of its own the server tells by itself what was answered under the very name. What was
   * refused first is asked again by a longer name, and may have been done by that.
   */
  private wasDoneBefore(): boolean {
    const name = currentUpdateInfo()?.id;
    const since = Date.now() - WISHES_KNOWN_MS;
    return this.wishedBefore.some(
      (done) => done.at > since && (done.name === name || done.name.startsWith(`${name}/`)),
    );
  }

  private async tellStanding(): Promise<SubscriptionTold> {
    await condition(() => this.standsAs !== undefined);
    return told(this.standsAs);
  }

  private async hear(event: SubscriptionEvent, wish: SubscriptionWish): Promise<SubscriptionTold> {
    const name = currentUpdateInfo()?.id;
    const answer = await new Promise<Answer>((resolve) => {
      this.waiting.push({ event, wish, name, answer: resolve });
    });
    return told(answer);
  }

  private mustHear(event: SubscriptionEvent): void {
    const refusal = this.isClosed
      ? ({ code: 'account_not_active', status: 'closed' } as const)
      : this.standing === null || this.waiting.length > 0
        ? null
        : refusedBy(this.standing, event);
    if (refusal !== null) throw failureOf(packRefusal(refusal));
  }
}

export function paymentEvent({ key, paid, returned }: PaymentHeard): SubscriptionEvent {
  return returned === true ? { type: 'payment_returned', key } : { type: 'payment', key, paid };
}

/** By the server's count of what a run may hold, and by a bound of our own: whoever wakes replays all of it. */
export function hasGrownLong({ eventsARun }: Pick<Standing, 'eventsARun'>): boolean {
  const { historyLength, continueAsNewSuggested } = workflowInfo();
  return continueAsNewSuggested || historyLength > eventsARun;
}

/** What a state tells without the calendar; null where a step has to decide, as where something is overdue. */
function refusedBy(standing: Standing, event: SubscriptionEvent): Refusal | null {
  if (isBehind(standing)) return null;
  const { current, scheduled, order } = standing.subscription;
  const hasPending = scheduled !== null || order !== null;
  if (event.type === 'undo' && !hasPending) return { code: 'change_without_effect', why: 'nothing_pending' };
  if (event.type === 'cancel' && !hasPending && (current === null || current.billing === null)) {
    return { code: 'change_without_effect', why: 'nothing_paid' };
  }
  if (event.type !== 'change' || event.previewedPeriod === undefined) return null;
  const periodStart = current?.period.start ?? null;
  return event.previewedPeriod === periodStart ? null : { code: 'preview_stale', periodStart };
}

/** What stands is not what is so by now: a period gives way to the next one a while before anybody wakes for it. */
function isBehind({ subscription: { current }, wakeAt }: Standing): boolean {
  const now = Date.now();
  return (wakeAt !== null && wakeAt <= now) || (current !== null && current.period.end <= now);
}

function told(answer: Answer | undefined): SubscriptionTold {
  invariant(answer !== undefined, 'subscription.answers-once', 'an answer came before its step');
  if ('refusal' in answer) throw failureOf(answer.refusal);
  return answer.told;
}

function failureOf(refusal: WireRefusal): ApplicationFailure {
  return ApplicationFailure.nonRetryable(refusal.code, refusal.code, refusal);
}
