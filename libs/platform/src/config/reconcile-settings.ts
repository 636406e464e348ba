// Platform room. Reconciliation: how often it compares, and how old something must be before it is asked about.
import type { z } from 'zod';
import { wholeNumber } from './settings.js';

const HOUR_MS = 3_600_000;

export const reconcileShape = {
  RECONCILE_EVERY_MS: wholeNumber(200, HOUR_MS).default(60_000),
  RECONCILE_GRACE_MS: wholeNumber(0, HOUR_MS).default(60_000),
  RECONCILE_STEP_WAITS_MS: wholeNumber(100, HOUR_MS).default(600_000),
};

export interface ReconcileSettings {
  /** From the end of one pass to the begin of the next. */
  readonly everyMs: number;
  /** What is younger is nobody's drift yet. */
  readonly graceMs: number;
  /** A step that no worker has begun for so long is stuck. */
  readonly stepWaitsMs: number;
}

export function reconcileSettings(settings: z.output<z.ZodObject<typeof reconcileShape>>): ReconcileSettings {
  return {
    everyMs: settings.RECONCILE_EVERY_MS,
    graceMs: settings.RECONCILE_GRACE_MS,
    stepWaitsMs: settings.RECONCILE_STEP_WAITS_MS,
  };
}
