// Domain room. The physical tries of a step: how one opens, and how those left open are closed, uncharged.
import { NO_USE } from '../metering/meters.js';
import { microDollars } from '../pricing/micro-dollars.js';
import type { Instant } from '../time/instant.js';
import type { AttemptFacts } from './facts.js';

/** The fault of a try that another took the place of. */
export const SUPERSEDED = 'superseded';
/** The fault of a try whose answer was paid for and could not be written down. */
export const NOT_RECORDED = 'not_recorded';

export function newAttempt(attempt: Pick<AttemptFacts, 'jobId' | 'ordinal' | 'number'>, at: Instant): AttemptFacts {
  return {
    ...attempt,
    state: 'open',
    chargeClass: null,
    fault: null,
    meters: NO_USE,
    unmetered: false,
    providerRequestId: null,
    region: null,
    latencyMs: null,
    realCost: microDollars(0n),
    startedAt: at,
    endedAt: null,
  };
}

export function closeOpenAttempts(attempts: readonly AttemptFacts[], at: Instant): AttemptFacts[] {
  return attempts
    .filter((attempt) => attempt.state === 'open')
    .map((attempt) => ({
      ...attempt,
      state: 'closed',
      chargeClass: 'platform_fault',
      fault: attempt.fault ?? SUPERSEDED,
      endedAt: at,
    }));
}
