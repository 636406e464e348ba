// Activities room. One effect of a subscription's step, done: in the ledger, or in what admissions read of an account.
// Each has a name of its own, from the reducer or from its place in the step, so that it is done once.
import type { BookedEffect } from '@fairmeter/contracts';
import type {
  AccountStatus,
  Instant,
  Outcome,
  PeriodKind,
  SubscriptionState,
  SubscriptionSubject,
} from '@fairmeter/domain';
import { invariant, unreachable } from '@fairmeter/domain';
import type { LotLedger, ScopeOwner, SubscriptionLedger, TermsLedger } from '@fairmeter/ledger';
import type { EntityDatabase } from '@fairmeter/platform/database';
import { forgetPaidLot, saveTimeZone } from '@fairmeter/records';
import { unlessBusy } from '../ask-again.js';
import type { PaidLots } from '../subscription-payments/paid-lots.js';
import { ownerOf } from './subject-owner.js';
import { bringToPlan } from './withdrawn-models.js';

export interface SubscriptionEffectParts {
  readonly entities: EntityDatabase;
  readonly lots: LotLedger;
  readonly paidLots: PaidLots;
  readonly terms: TermsLedger;
  readonly news: SubscriptionLedger;
}

export interface PlaceInStep {
  readonly subject: SubscriptionSubject;
  readonly asOf: Instant;
  readonly stepKey: string;
  readonly place: number;
}

type Doing<D extends BookedEffect['do']> = Extract<BookedEffect, { do: D }>;

export class SubscriptionEffects {
  constructor(private readonly parts: SubscriptionEffectParts) {}

  async do(effect: BookedEffect, place: PlaceInStep): Promise<void> {
    switch (effect.do) {
      case 'grant_lot':
        return this.grant(effect, place);
      case 'grow_lot':
        return this.grow(effect, place);
      case 'end_lot':
      case 'take_back_lot':
        return this.end(effect, place);
      case 'set_terms':
        return this.setTerms(effect, place);
      case 'set_plan':
        return this.setPlan(effect, place);
      case 'tell':
        return this.tell(effect, place);
      default:
        return unreachable(effect);
    }
  }

  private async grant(effect: Doing<'grant_lot'>, { subject, asOf }: PlaceInStep): Promise<void> {
    const { source: sourceRef, do: _, paidBy: key, ...lot } = effect;
    const owner = await this.ownerOf(subject);
    const order = { ...lot, sourceRef, ...(key === null ? {} : { isBought: true }) };
    const grant = async (): Promise<void> => {
      const granted = await unlessBusy(this.parts.lots.grant(owner, asOf, order));
      // There is one lot under a source, whoever granted it first.
      if (!granted.ok && granted.refusal.code === 'lot_exists') return;
      mustBeDone(granted, effect);
    };
    if (key === null) return grant();
    const paid = { subject, key, lot: { ...lot, sourceRef, state: 'given' }, grant } as const;
    await this.parts.entities.transaction(async (tx) => this.parts.paidLots.granted(tx, paid));
  }

  private async grow(effect: Doing<'grow_lot'>, { subject, asOf }: PlaceInStep): Promise<void> {
    const { source: sourceRef, amount, key: growKey } = effect;
    const order = { kind: lotKindOf(subject), sourceRef, amount, growKey };
    const grown = await unlessBusy(this.parts.lots.growLot(await this.ownerOf(subject), asOf, order));
    // Its period is over by the ledger's clock: what was added would have lapsed with it.
    // Or its payment has gone back, and that is on its way here.
    if (!grown.ok && (grown.refusal.code === 'lot_ended' || grown.refusal.code === 'lot_taken_back')) return;
    mustBeDone(grown, effect);
  }

  private async end(effect: Doing<'end_lot' | 'take_back_lot'>, { subject, asOf }: PlaceInStep): Promise<void> {
    const { lots } = this.parts;
    const owner = await this.ownerOf(subject);
    const lot = { kind: lotKindOf(subject), sourceRef: effect.source };
    const ended = effect.do === 'end_lot' ? lots.endLot(owner, asOf, lot) : lots.takeBackLot(owner, asOf, lot);
    mustBeDone(await unlessBusy<unknown>(ended), effect);
    if (effect.do === 'take_back_lot') await forgetPaidLot(this.parts.entities.manager, subject, effect.source);
  }

  private async setTerms(effect: Doing<'set_terms'>, { subject, asOf, stepKey, place }: PlaceInStep): Promise<void> {
    const { zone, dailyAllowance } = effect;
    const set = this.parts.terms.setTerms({
      owner: await this.ownerOf(subject),
      changeKey: `subscription/${stepKey}/${place}`,
      asOf,
      order: { zone, dailyAllowance },
    });
    mustBeDone(await unlessBusy(set), effect);
    await saveTimeZone(this.parts.entities.manager, subject.accountId, zone);
  }

  /** A visitor's plan is in the row of the subscription alone, where the admissions of that visitor's jobs find it. */
  private async setPlan({ plan, state }: Doing<'set_plan'>, { subject, asOf }: PlaceInStep): Promise<void> {
    if (subject.kind !== 'account' || plan === null) return;
    const status = STATUS_OF[state];
    if (status === null) return;
    const { accountId } = subject;
    await this.parts.entities.transaction(async (tx) => bringToPlan(tx, { accountId, plan, status }, asOf));
  }

  private async tell(effect: Doing<'tell'>, { subject, asOf, stepKey, place }: PlaceInStep): Promise<void> {
    const { news, since } = effect;
    const order = { news, since, tellKey: `${stepKey}/${place}` };
    const owner = await this.ownerOf(subject);
    mustBeDone(await unlessBusy(this.parts.news.tell(owner, asOf, order)), effect);
    // What was left of the old period lapsed with it: reads know that by themselves, here it is booked.
    if (news === 'period_began') mustBeDone(await unlessBusy(this.parts.lots.expire(owner, asOf)), effect);
  }

  private async ownerOf(subject: SubscriptionSubject): Promise<ScopeOwner> {
    return ownerOf(this.parts.entities.manager, subject);
  }
}

/** As admissions know them; an account without a plan is closed, and by whoever closes it. */
const STATUS_OF = {
  free: 'active',
  active: 'active',
  cancel_scheduled: 'active',
  past_due: 'past_due',
  suspended: 'suspended',
  ended: null,
} as const satisfies Record<SubscriptionState, AccountStatus | null>;

function lotKindOf(subject: SubscriptionSubject): PeriodKind {
  return subject.kind === 'account' ? 'subscription' : 'eu_allowance';
}

function mustBeDone(outcome: Outcome<unknown>, { do: what }: BookedEffect): void {
  invariant(outcome.ok, 'operation.applied-once', outcome.ok ? '' : `${what} answered ${outcome.refusal.code}`);
}
