// Contracts room. How the state of a subscription and its effects are written, for Temporal and for the records alike:
// amounts as decimal strings of micro-credits, prices as decimal strings of the smallest coin, instants as numbers.
import type {
  Arrears,
  AskedPayment,
  CurrentPlan,
  PeriodLot,
  PlanOrder,
  PlanPrice,
  PlanRef,
  RenewalAhead,
  StandingPayment,
  Subscription,
  SubscriptionEffect,
} from '@fairmeter/domain';
import { formatMicroCredits, parseMicroCredits } from '@fairmeter/domain';

export interface WirePrice {
  readonly minor: string;
  readonly currency: string;
}

export interface WirePayment {
  readonly key: string;
  readonly price: WirePrice;
}

interface WireStanding extends WirePayment {
  readonly upgradeFrom?: PlanRef;
}

interface WireLot {
  readonly source: string;
  readonly grantedMicroCredits: string;
}

/** What was written before payments were noted with it says nothing of them, nor of credits that never came. */
type WirePlan = Omit<CurrentPlan, 'lot' | 'paidBy' | 'isWithheld'> & {
  readonly lot: WireLot | null;
  readonly paidBy?: readonly WireStanding[];
  readonly isWithheld?: boolean;
};

type WireOrder = Omit<PlanOrder, 'payment' | 'growth'> & {
  readonly payment: WirePayment;
  readonly growthMicroCredits: string | null;
};

type WireAhead = Omit<RenewalAhead, 'next' | 'payment'> & {
  readonly next: WirePlan | null;
  readonly payment: WirePayment | null;
};

type WireArrears = Omit<Arrears, 'payment' | 'disputed'> & {
  readonly payment: WirePayment;
  readonly disputed?: readonly (WireStanding & { readonly isForTime?: boolean })[];
};

/** JSON-safe twin of a subscription, field by field. */
export interface WireSubscription extends Omit<Subscription, 'current' | 'order' | 'ahead' | 'arrears'> {
  readonly current: WirePlan | null;
  readonly order: WireOrder | null;
  readonly ahead: WireAhead | null;
  readonly arrears: WireArrears | null;
}

type EffectDoing<D extends SubscriptionEffect['do']> = Extract<SubscriptionEffect, { do: D }>;

/** What a step of before decided names no payment. */
type WireGrant = Omit<EffectDoing<'grant_lot'>, 'amount' | 'paidBy'> & {
  readonly amountMicroCredits: string;
  readonly paidBy?: string | null;
};

export type WireEffect =
  | WireGrant
  | (Omit<EffectDoing<'grow_lot'>, 'amount'> & { readonly amountMicroCredits: string })
  | (Omit<EffectDoing<'set_terms'>, 'dailyAllowance'> & { readonly dailyAllowanceMicroCredits: string })
  | (Omit<EffectDoing<'ask_payment'>, 'price'> & { readonly price: WirePrice })
  | EffectDoing<'end_lot' | 'take_back_lot' | 'set_plan' | 'drop_payment' | 'tell'>;

type ByThePort = { readonly do: 'ask_payment' | 'drop_payment' };
/** What the payment port does of it. */
export type WirePaymentEffect = Extract<WireEffect, ByThePort>;
/** What ledger and records do of it. */
export type BookedEffect = Exclude<SubscriptionEffect, ByThePort>;
export type WireBookedEffect = Exclude<WireEffect, ByThePort>;

export function packSubscription({ current, order, ahead, arrears, ...rest }: Subscription): WireSubscription {
  return {
    ...rest,
    current: orNull(current, packPlan),
    order: orNull(order, packOrder),
    ahead: orNull(ahead, packAhead),
    arrears: orNull(arrears, packArrears),
  };
}

export function unpackSubscription({ current, order, ahead, arrears, ...rest }: WireSubscription): Subscription {
  return {
    ...rest,
    current: orNull(current, unpackPlan),
    order: orNull(order, unpackOrder),
    ahead: orNull(ahead, unpackAhead),
    arrears: orNull(arrears, unpackArrears),
  };
}

export function packPrice({ minor, currency }: PlanPrice): WirePrice {
  return { minor: minor.toString(), currency };
}

export function unpackPrice({ minor, currency }: WirePrice): PlanPrice {
  return { minor: BigInt(minor), currency };
}

export function packPayment({ key, price }: AskedPayment): WirePayment {
  return { key, price: packPrice(price) };
}

function unpackPayment({ key, price }: WirePayment): AskedPayment {
  return { key, price: unpackPrice(price) };
}

function packStanding({ upgradeFrom, ...payment }: StandingPayment): WireStanding {
  return upgradeFrom === undefined ? packPayment(payment) : { ...packPayment(payment), upgradeFrom };
}

function unpackStanding({ upgradeFrom, ...payment }: WireStanding): StandingPayment {
  return upgradeFrom === undefined ? unpackPayment(payment) : { ...unpackPayment(payment), upgradeFrom };
}

function packPlan({ lot, paidBy, ...plan }: CurrentPlan): WirePlan {
  return { ...plan, lot: orNull(lot, packLot), paidBy: paidBy.map(packStanding) };
}

function unpackPlan({ lot, paidBy = [], isWithheld = false, ...plan }: WirePlan): CurrentPlan {
  return { ...plan, lot: orNull(lot, unpackLot), paidBy: paidBy.map(unpackStanding), isWithheld };
}

function packArrears({ payment, disputed, ...owed }: Arrears): WireArrears {
  const packed = disputed.map(({ isForTime, ...one }) => ({ ...packStanding(one), isForTime }));
  return { ...owed, payment: packPayment(payment), disputed: packed };
}

function unpackArrears({ payment, disputed = [], ...owed }: WireArrears): Arrears {
  const unpacked = disputed.map(({ isForTime = true, ...one }) => ({ ...unpackStanding(one), isForTime }));
  return { ...owed, payment: unpackPayment(payment), disputed: unpacked };
}

function packLot({ source, granted }: PeriodLot): WireLot {
  return { source, grantedMicroCredits: formatMicroCredits(granted) };
}

function unpackLot({ source, grantedMicroCredits }: WireLot): PeriodLot {
  return { source, granted: parseMicroCredits(grantedMicroCredits) };
}

function packOrder({ plan, payment, growth }: PlanOrder): WireOrder {
  return { plan, payment: packPayment(payment), growthMicroCredits: orNull(growth, formatMicroCredits) };
}

function unpackOrder({ plan, payment, growthMicroCredits }: WireOrder): PlanOrder {
  return { plan, payment: unpackPayment(payment), growth: orNull(growthMicroCredits, parseMicroCredits) };
}

function packAhead({ next, payment, ...ahead }: RenewalAhead): WireAhead {
  return { ...ahead, next: orNull(next, packPlan), payment: orNull(payment, packPayment) };
}

function unpackAhead({ next, payment, ...ahead }: WireAhead): RenewalAhead {
  return { ...ahead, next: orNull(next, unpackPlan), payment: orNull(payment, unpackPayment) };
}

export function packEffect(effect: SubscriptionEffect): WireEffect {
  switch (effect.do) {
    case 'grant_lot':
    case 'grow_lot': {
      const { amount, ...rest } = effect;
      return { ...rest, amountMicroCredits: formatMicroCredits(amount) };
    }
    case 'set_terms': {
      const { dailyAllowance, ...rest } = effect;
      return { ...rest, dailyAllowanceMicroCredits: formatMicroCredits(dailyAllowance) };
    }
    case 'ask_payment':
      return { ...effect, price: packPrice(effect.price) };
    case 'end_lot':
    case 'take_back_lot':
    case 'set_plan':
    case 'drop_payment':
    case 'tell':
      return effect;
  }
}

/** Payments go to their port as they were packed. */
export function unpackEffect(effect: WireBookedEffect): BookedEffect {
  switch (effect.do) {
    case 'grant_lot': {
      const { amountMicroCredits, paidBy = null, ...rest } = effect;
      return { ...rest, paidBy, amount: parseMicroCredits(amountMicroCredits) };
    }
    case 'grow_lot': {
      const { amountMicroCredits, ...rest } = effect;
      return { ...rest, amount: parseMicroCredits(amountMicroCredits) };
    }
    case 'set_terms': {
      const { dailyAllowanceMicroCredits, ...rest } = effect;
      return { ...rest, dailyAllowance: parseMicroCredits(dailyAllowanceMicroCredits) };
    }
    case 'end_lot':
    case 'take_back_lot':
    case 'set_plan':
    case 'tell':
      return effect;
  }
}

export function isForPort(effect: WireEffect): effect is WirePaymentEffect {
  return effect.do === 'ask_payment' || effect.do === 'drop_payment';
}

function orNull<T, U>(value: T | null, turned: (value: T) => U): U | null {
  return value === null ? null : turned(value);
}
