// Domain room. How much a job keeps set aside: a step's worst case, topped up as it goes on, or its whole budget.
import type { MicroCredits } from '../amounts/micro-credits.js';

export const RESERVES = ['rolling', 'full'] as const;
export type Reserve = (typeof RESERVES)[number];

/**
 * What a step boundary holds: the step's worst case, or under `full` the rest of the budget as far as live lots and
 * limits reach, which is the ceiling that the worst case was forecast within.
 */
export function reserved(reserve: Reserve, worstCase: MicroCredits, ceiling: MicroCredits): MicroCredits {
  return reserve === 'full' ? ceiling : worstCase;
}
