// Domain room. Which parts made a job as dear as it was (A6): what models read, the parts of what they wrote, the tools
// that ran, and the smallest charge. The parts add up to the charge, to the micro-credit.
import { largestRemainder } from '../amounts/division.js';
import type { MicroCredits } from '../amounts/micro-credits.js';
import { microCredits } from '../amounts/micro-credits.js';
import type { AnswerPart, PartSizes } from '../jobs/answer-parts.js';
import { ANSWER_PARTS } from '../jobs/answer-parts.js';
import type { Meters } from '../metering/meters.js';
import type { RateCard } from '../pricing/rate-card.js';
import type { CostedStep, CostedWhole } from './costed-job.js';
import { billableAttempts } from './costed-job.js';
import { reckonStep } from './card-lines.js';

/** `working`: what models wrote on the way, such as plans and reviews. */
export const COST_PARTS = [...ANSWER_PARTS, 'working', 'input', 'tools', 'minimum'] as const;
export type CostPart = (typeof COST_PARTS)[number];

export interface PartTotal {
  readonly outputTokens: bigint;
  readonly charge: MicroCredits;
}
export type PartTotals = Readonly<Record<CostPart, PartTotal>>;

type Sums = Record<CostPart, { outputTokens: bigint; charge: bigint }>;

export function costByPart(whole: CostedWhole, card: RateCard): PartTotals {
  const sums = Object.fromEntries(COST_PARTS.map((part) => [part, { outputTokens: 0n, charge: 0n }])) as Sums;
  for (const step of whole.steps) addStep(sums, step, card);
  sums.minimum.charge += whole.minimum;
  return Object.fromEntries(
    COST_PARTS.map((part) => {
      const { outputTokens, charge } = sums[part];
      return [part, { outputTokens, charge: microCredits(charge) }];
    }),
  ) as Record<CostPart, PartTotal>;
}

function addStep(sums: Sums, step: CostedStep, card: RateCard): void {
  const meters = billableAttempts(step)[0]?.meters;
  if (step.model === null || meters === undefined) {
    sums.tools.charge += step.charge;
    return;
  }
  const [read = 0n, written = 0n] = largestRemainder(step.charge, readAndWritten(step, meters, card));
  sums.input.charge += read;
  const sizes = sizesOf(step.report.parts);
  const tokens = BigInt(meters.output) + BigInt(meters.reasoning);
  if (sizes.every((size) => size === 0n)) {
    sums.working.charge += written;
    sums.working.outputTokens += tokens;
    return;
  }
  const charges = largestRemainder(written, sizes);
  const counts = largestRemainder(tokens, sizes);
  ANSWER_PARTS.forEach((part: AnswerPart, index) => {
    sums[part].charge += charges[index] ?? 0n;
    sums[part].outputTokens += counts[index] ?? 0n;
  });
}

/** By what the card asks for each; a card that is unknown or free leaves all with what was read. */
function readAndWritten(step: CostedStep, meters: Meters, card: RateCard): [bigint, bigint] {
  const lines = reckonStep(card, step, meters)?.lines ?? [];
  const isWritten = (meter: string): boolean => meter === 'output' || meter === 'reasoning';
  const sum = (wanted: boolean): bigint =>
    lines.filter(({ meter }) => isWritten(meter) === wanted).reduce((total, { exact }) => total + exact, 0n);
  return [sum(false), sum(true)];
}

function sizesOf(parts: PartSizes | undefined): bigint[] {
  return ANSWER_PARTS.map((part) => BigInt(parts?.[part] ?? 0));
}
