// Domain room. The charge of a job made anew from what is stored of it: the meters of its attempts and the card it
// pinned. What comes out must be what the ledger took, to the micro-credit; where not, it says at which step (C28).
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, subtract, ZERO } from '../amounts/micro-credits.js';
import { hasEnded } from '../jobs/job.js';
import { minimumLine } from '../pricing/charge.js';
import type { RateCard } from '../pricing/rate-card.js';
import type { CardLine } from './card-lines.js';
import { NOTHING_RECKONED, reckonStep } from './card-lines.js';
import type { CostedAttempt, CostedStep, CostedWhole } from './costed-job.js';
import { billableAttempts, sumOf } from './costed-job.js';

export const DIFFERENCES = [
  'price_not_on_card',
  'charged_without_billable_attempt',
  'several_billable_attempts',
  'charge_differs_from_meters',
  'captured_differs_from_charge',
  'borne_differs_from_write_off',
  'written_off_with_credits_held',
  'minimum_differs',
  'minimum_captured_differs',
  'charge_differs_from_steps',
  'refunded_differs',
] as const;
export type DifferenceCode = (typeof DIFFERENCES)[number];

/** Null stands for the job as a whole. */
export interface CostDifference {
  readonly step: number | null;
  readonly code: DifferenceCode;
  readonly expected: MicroCredits;
  readonly found: MicroCredits;
}

/** Why less was charged than the use came to: the platform bears the rest (edge 21). */
export const CHARGE_BOUNDS = ['budget', 'credits', 'hold'] as const;
export type ChargeBound = (typeof CHARGE_BOUNDS)[number];

export interface StepExplanation {
  readonly ordinal: number;
  readonly attempt: number | null;
  readonly lines: readonly CardLine[];
  /** In millionths of a micro-credit. */
  readonly rounding: bigint;
  /** What the use comes to on the card. */
  readonly priced: MicroCredits;
  readonly writtenOff: MicroCredits;
  readonly boundBy: ChargeBound | null;
  /** Priced and not written off. */
  readonly recomputed: MicroCredits;
  readonly charge: MicroCredits;
  readonly captured: MicroCredits;
  readonly matches: boolean;
}

export interface CostExplanation {
  readonly matches: boolean;
  readonly steps: readonly StepExplanation[];
  readonly stepsSum: MicroCredits;
  readonly minimum: { readonly recomputed: MicroCredits; readonly charged: MicroCredits };
  readonly recomputed: MicroCredits;
  /** Of the job's row, and of the entries behind it. */
  readonly charge: MicroCredits;
  readonly captured: MicroCredits;
  readonly refunded: MicroCredits;
  readonly net: MicroCredits;
  readonly differences: readonly CostDifference[];
}

/** What was still held for the job once a step's capture was done; a step that captured nothing is absent. */
export type LeftOnHold = ReadonlyMap<number, MicroCredits>;

export function explainCost(whole: CostedWhole, card: RateCard, leftOnHold: LeftOnHold): CostExplanation {
  const differences: CostDifference[] = [];
  const steps: StepExplanation[] = [];
  let chargedBefore = ZERO;
  for (const step of whole.steps) {
    const ground = { step, card, chargedBefore, maxCredits: whole.job.maxCredits };
    const [explained, found] = explainStep(ground, leftOnHold.get(step.ordinal) ?? ZERO);
    steps.push(explained);
    differences.push(...found);
    chargedBefore = add(chargedBefore, step.charge);
  }
  const stepsSum = add(ZERO, ...steps.map(({ recomputed }) => recomputed));
  const minimum = recomputeMinimum(whole, card);
  const captured = add(...whole.steps.map(({ paidFrom }) => sumOf(paidFrom)), sumOf(whole.minimumPaidFrom));
  const recomputed = add(stepsSum, minimum.recomputed);
  const { charge, refunded } = whole.job;
  const check = checker(differences, null);
  check('minimum_differs', minimum.recomputed, minimum.charged);
  check('minimum_captured_differs', whole.minimum, sumOf(whole.minimumPaidFrom));
  check('charge_differs_from_steps', recomputed, charge);
  check('refunded_differs', refunded, sumOf(whole.refunds));
  return {
    matches: differences.length === 0,
    steps,
    stepsSum,
    minimum,
    recomputed,
    charge,
    captured,
    refunded,
    net: subtract(charge, refunded),
    differences,
  };
}

interface StepCase {
  readonly step: CostedStep;
  readonly card: RateCard;
  readonly chargedBefore: MicroCredits;
  readonly maxCredits: MicroCredits;
}

function explainStep(ground: StepCase, leftOnHold: MicroCredits): [StepExplanation, CostDifference[]] {
  const { step, card } = ground;
  const differences: CostDifference[] = [];
  const check = checker(differences, step.ordinal);
  const [billable, ...others] = billableAttempts(step);
  const reckoned = billable === undefined ? NOTHING_RECKONED : reckonStep(card, step, billable.meters);
  const priced = reckoned?.rounded ?? ZERO;
  const captured = sumOf(step.paidFrom);
  const recomputed = subtract(priced, step.writtenOff);
  if (reckoned === null) differences.push({ ...nothingOf(step), code: 'price_not_on_card' });
  if (others.length > 0) differences.push({ ...nothingOf(step), code: 'several_billable_attempts' });
  const code = billable === undefined ? 'charged_without_billable_attempt' : 'charge_differs_from_meters';
  check(code, recomputed, step.charge);
  check('captured_differs_from_charge', step.charge, captured);
  check('borne_differs_from_write_off', step.writtenOff, step.borne);
  if (step.writtenOff > 0n) check('written_off_with_credits_held', ZERO, leftOnHold);
  const explained: StepExplanation = {
    ordinal: step.ordinal,
    attempt: billable?.attempt ?? null,
    lines: reckoned?.lines ?? [],
    rounding: reckoned?.rounding ?? 0n,
    priced,
    writtenOff: step.writtenOff,
    boundBy: boundOf(ground, billable),
    recomputed,
    charge: step.charge,
    captured,
    matches: differences.length === 0,
  };
  return [explained, differences];
}

/** A stopped step never costs more than its hold; any other draws on what is there, up to the budget. */
function boundOf({ step, chargedBefore, maxCredits }: StepCase, billable?: CostedAttempt): ChargeBound | null {
  if (step.writtenOff === 0n) return null;
  if (billable?.fault === 'cancelled') return 'hold';
  return add(chargedBefore, step.charge) >= maxCredits ? 'budget' : 'credits';
}

/** The line comes with the end of a job; packaging alone is no reason for it. */
function recomputeMinimum(whole: CostedWhole, card: RateCard): CostExplanation['minimum'] {
  const charged = whole.minimum;
  if (!hasEnded(whole.job.state)) return { recomputed: ZERO, charged };
  const ofSteps = add(ZERO, ...whole.steps.map(({ charge }) => charge));
  const anyBillable = whole.steps.some(({ chargeClass, kind }) => chargeClass === 'billable' && kind !== 'packaging');
  const writtenOff = subtract(whole.writtenOff, add(ZERO, ...whole.steps.map((step) => step.writtenOff)));
  return { recomputed: subtract(minimumLine(card.minimumCharge, ofSteps, anyBillable), writtenOff), charged };
}

type Check = (code: DifferenceCode, expected: MicroCredits, found: MicroCredits) => void;

function checker(differences: CostDifference[], step: number | null): Check {
  return (code, expected, found) => {
    if (expected !== found) differences.push({ step, code, expected, found });
  };
}

function nothingOf(step: CostedStep): Pick<CostDifference, 'step' | 'expected' | 'found'> {
  return { step: step.ordinal, expected: ZERO, found: step.charge };
}
