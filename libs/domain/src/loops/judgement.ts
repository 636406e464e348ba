// Domain room. What follows from a cause; and a finding judged again on evidence that came after it was found.
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
  if (finding.cause === 'platform_fault' || incidents.length === 0) return finding;
  const concerned = finding.steps.map((ref) => stepsAt(ref, finding, steps));
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

/** The steps that an occurrence is judged by. */
function stepsAt(ref: StepRef, { signal }: LoopFinding, steps: readonly StepInWorld[]): readonly StepInWorld[] {
  const at = steps.filter(({ jobId, ordinal }) => jobId === ref.jobId && ordinal === ref.ordinal);
  return signal === 'idle_iterations' ? steps.filter((step) => isOfIteration(step, at[0])) : at;
}

function marksOfAll(steps: readonly StepInWorld[], incidents: readonly Incident[]): Marks {
  const marks = steps.map((step) => marksOf(withIncidents(step, incidents)));
  return {
    ours: marks.some(({ ours }) => ours),
    own: marks.some(({ own }) => own),
    free: marks.every(({ free }) => free),
  };
}

function isOfIteration(step: StepInWorld, last: StepInWorld | undefined): boolean {
  if (last === undefined || step.jobId !== last.jobId || step.iteration !== last.iteration) return false;
  return (step.stream ?? null) === (last.stream ?? null);
}

function withIncidents(step: StepInWorld, incidents: readonly Incident[]): ObservedStep {
  const isOurs = incidents.some((incident) => isConcerned(incident, step));
  return isOurs ? { ...step, evidence: [...(step.evidence ?? []), 'incident'] } : step;
}
