// Platform room. When repetition is a loop, and how much may go back without a person: what an operator set. What
// is not set is left to the rule's own defaults.
import type { z } from 'zod';
import { flag, text, wholeNumber } from './settings.js';

const times = wholeNumber(2, 1_000).optional();

export const loopShape = {
  LOOP_EQUAL_CALLS: times,
  LOOP_EQUAL_ERRORS: times,
  LOOP_ALTERNATION_ROUNDS: times,
  LOOP_RED_BUILDS: times,
  LOOP_IDLE_ITERATIONS: times,
  LOOP_POLLABLE_CALLS: times,
  LOOP_POLLABLE_TOOLS: text.optional(),
  LOOP_SHADOW: flag.default(false),
  LOOP_REFUND_PERCENT: wholeNumber(0, 100).optional(),
  LOOP_REFUND_AT_LEAST_CREDITS: wholeNumber(0, 1_000_000).optional(),
};

export interface LoopSettings {
  /** Thresholds by the names that the detector has for them; only those that were set. */
  readonly thresholds: Readonly<Record<string, number>>;
  /** Tools that may ask again and again. */
  readonly pollableTools: readonly string[];
  /** Findings are recorded; nothing is stopped or given back. */
  readonly shadow: boolean;
  readonly refundPercent: number | undefined;
  readonly refundAtLeastCredits: number | undefined;
}

export function loopSettings(settings: z.output<z.ZodObject<typeof loopShape>>): LoopSettings {
  const thresholds = {
    equalCalls: settings.LOOP_EQUAL_CALLS,
    equalErrors: settings.LOOP_EQUAL_ERRORS,
    alternationRounds: settings.LOOP_ALTERNATION_ROUNDS,
    redBuilds: settings.LOOP_RED_BUILDS,
    idleIterations: settings.LOOP_IDLE_ITERATIONS,
    pollableCalls: settings.LOOP_POLLABLE_CALLS,
  };
  return {
    thresholds: Object.fromEntries(
      Object.entries(thresholds).flatMap(([name, count]) => (count === undefined ? [] : [[name, count]])),
    ),
    pollableTools: (settings.LOOP_POLLABLE_TOOLS ?? '')
      .split(',')
      .map((tool) => tool.trim())
      .filter((tool) => tool !== ''),
    shadow: settings.LOOP_SHADOW,
    refundPercent: settings.LOOP_REFUND_PERCENT,
    refundAtLeastCredits: settings.LOOP_REFUND_AT_LEAST_CREDITS,
  };
}
