// Domain room. What a job used or could have been charged for and was not, each with its reason.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { ZERO } from '../amounts/micro-credits.js';
import type { RateCard } from '../pricing/rate-card.js';
import { reckonStep } from './card-lines.js';
import type { CostedAttempt, CostedStep } from './costed-job.js';

export const NOT_CHARGED_REASONS = [
  /** The provider or the platform failed: tried again at nobody's cost (F8). */
  'platform_fault',
  /** A later try took its place. */
  'superseded',
  /** Stopped before anything had come. */
  'cancelled',
  /** The failure was the caller's own, and it brought nothing. */
  'user_fault',
  'unclear',
  /** Packing files has no price (A9). */
  'packaging_is_free',
  /** The card asks nothing for what was used. */
  'free_on_the_card',
  /** It cost more than hold and budget reached: the platform bears the rest. */
  'written_off',
] as const;
export type NotChargedReason = (typeof NOT_CHARGED_REASONS)[number];

export interface NotCharged {
  readonly attempt: CostedAttempt;
  readonly reason: NotChargedReason;
  /** What the card would have asked; null where the card does not know what was used. */
  readonly amount: MicroCredits | null;
}

export function notChargedOf(step: CostedStep, card: RateCard): NotCharged[] {
  return step.attempts.flatMap((attempt): NotCharged[] => {
    if (attempt.state === 'open' || attempt.chargeClass === null) return [];
    if (attempt.chargeClass !== 'billable') {
      const amount = reckonStep(card, step, attempt.meters)?.rounded ?? null;
      return [{ attempt, reason: faultReason(attempt), amount }];
    }
    if (step.writtenOff > 0n) return [{ attempt, reason: 'written_off', amount: step.writtenOff }];
    if (step.charge > 0n) return [];
    const reason = step.kind === 'packaging' ? 'packaging_is_free' : 'free_on_the_card';
    return [{ attempt, reason, amount: ZERO }];
  });
}

function faultReason({ chargeClass, fault }: CostedAttempt): NotChargedReason {
  if (fault === 'superseded' || fault === 'cancelled') return fault;
  return chargeClass === 'user_fault' || chargeClass === 'unclear' ? chargeClass : 'platform_fault';
}
