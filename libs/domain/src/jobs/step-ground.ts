// Domain room. What a step's two ends stand on, and what they share: its attempt, its real cost, and the answer
// to a late one.
import { invariant } from '../failures/invariant.js';
import { environmentOf } from '../ledger/environment.js';
import type { Hold } from '../ledger/hold.js';
import type { ScopeSnapshot } from '../ledger/scope.js';
import type { Meters } from '../metering/meters.js';
import { realCostOf } from '../pricing/charge.js';
import { microDollars, type MicroDollars } from '../pricing/micro-dollars.js';
import type { StepPrice } from '../pricing/rate-card.js';
import type { Instant } from '../time/instant.js';
import type { AttemptFacts, JobFacts, JobPosting, StepFacts } from './facts.js';
import { answerOnly } from './facts.js';

export interface StepGround {
  readonly snapshot: ScopeSnapshot;
  readonly at: Instant;
  readonly job: JobFacts | null;
  readonly hold: Hold | null;
  readonly step: StepFacts | null;
  readonly attempts: readonly AttemptFacts[];
}

export function attemptOf(ground: StepGround, number: number): AttemptFacts {
  const attempt = ground.attempts.find((candidate) => candidate.number === number);
  invariant(attempt !== undefined, 'hold.ends-once', `attempt ${number} of a step was never begun`);
  return attempt;
}

/** What a use cost us: nothing in a test scope, for nobody else was asked. */
export function realCostOfJob({ scopeId }: Pick<JobFacts, 'scopeId'>, price: StepPrice, used: Meters): MicroDollars {
  return environmentOf(scopeId) === 'test' ? microDollars(0n) : realCostOf(price, used);
}

/** What a closed attempt used is kept; the meters of one that ended by itself are what its charge was made from. */
export function answerLate(known: AttemptFacts, measured: AttemptFacts): JobPosting<{ readonly outcome: 'late' }> {
  return { ...answerOnly({ outcome: 'late' }), attempts: known.state === 'closed' ? [measured] : [] };
}
