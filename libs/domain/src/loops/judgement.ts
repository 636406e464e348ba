// Domain room. What follows from a cause; and a finding judged again on evidence that came after it was found.
import { groupBy } from '../costs/totals.js';
import type { Incident, StepPlace } from '../incidents/incident.js';
import { isConcerned } from '../incidents/incident.js';
import type { LoopFinding, LoopRemedy } from './finding.js';
import type { Marks } from './marks.js';
import { causeOf, marksOf } from './marks.js';
import type { ObservedStep, StepRef } from './observed-step.js';

export function remedyOf(shadow: boolean, ours: boolean, payers: number): LoopRemedy {
  if (shadow) return 'record';
  if (!ours) return 'offer_review';
  return payers > 1 ? 'open_review' : 'refund';
}

/** A step with where it ran. */
export interface StepInWorld extends ObservedStep, StepPlace {}

/**
 * Incidents add evidence and take none away: what was judged ours stays so. `steps` are those of the jobs concerned, as
 * any step of an idle iteration may be its evidence.
 */
export function judgedWith(
  incidents: readonly Incident[],
  finding: LoopFinding,
  steps: readonly StepInWorld[],
): LoopFinding {
  return judgeWith(incidents, steps)(finding);
}

/** The same for one finding after the other of a whole thread: it has very many, in very many steps. */
export function judgeWith(
  incidents: readonly Incident[],
  steps: readonly StepInWorld[],
): (finding: LoopFinding) => LoopFinding {
  const places = new Places(steps);
  return (finding) => judgedIn(incidents, finding, places);
}

function judgedIn(incidents: readonly Incident[], finding: LoopFinding, places: Places): LoopFinding {
  if (finding.cause === 'platform_fault' || incidents.length === 0) return finding;
  const concerned = finding.steps.map((ref) =>
    finding.signal === 'idle_iterations' ? places.ofIteration(ref) : places.at(ref),
  );
  const judgement = causeOf(concerned.map((counted) => marksOfAll(counted, incidents)));
  if (judgement.cause !== 'platform_fault') return finding;
  const remedy = remedyOf(finding.remedy === 'record', true, finding.payers.length);
  const repeated = concerned.slice(1).flat();
  const named = incidents.filter((incident) => repeated.some((step) => isConcerned(incident, step)));
  return {
    ...finding,
    ...judgement,
    remedy,
    refundableSteps: remedy === 'refund' ? finding.repeats : [],
    incidents: named.map(({ id }) => id),
  };
}

/** Steps found by where they are. */
class Places {
  private readonly steps: ReadonlyMap<string, readonly StepInWorld[]>;
  private iterations: ReadonlyMap<string, readonly StepInWorld[]> | undefined;

  constructor(private readonly all: readonly StepInWorld[]) {
    this.steps = groupBy(all, placeOf);
  }

  at(ref: StepRef): readonly StepInWorld[] {
    return this.steps.get(placeOf(ref)) ?? [];
  }

  /** All of the iteration in which that step is. */
  ofIteration(ref: StepRef): readonly StepInWorld[] {
    const [step] = this.at(ref);
    if (step === undefined) return [];
    this.iterations ??= groupBy(this.all, iterationOf);
    return this.iterations.get(iterationOf(step)) ?? [];
  }
}

function placeOf({ jobId, ordinal }: StepRef): string {
  return `${jobId}/${ordinal}`;
}

function iterationOf({ jobId, iteration, stream }: StepInWorld): string {
  return JSON.stringify([jobId, iteration, stream ?? null]);
}

function marksOfAll(steps: readonly StepInWorld[], incidents: readonly Incident[]): Marks {
  const marks = steps.map((step) => marksOf(withIncidents(step, incidents)));
  return {
    ours: marks.some(({ ours }) => ours),
    own: marks.some(({ own }) => own),
    free: marks.every(({ free }) => free),
  };
}

function withIncidents(step: StepInWorld, incidents: readonly Incident[]): ObservedStep {
  const isOurs = incidents.some((incident) => isConcerned(incident, step));
  return isOurs ? { ...step, evidence: [...(step.evidence ?? []), 'incident'] } : step;
}
