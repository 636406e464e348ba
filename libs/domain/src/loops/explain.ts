// Domain room. A finding as a code and its parameters; words are chosen where they are shown.
import type { LoopCause, LoopFinding, LoopRemedy } from './finding.js';
import type { LoopSignal } from './policy.js';

export interface LoopExplanation {
  readonly code: `loop_${LoopSignal}`;
  readonly subject: string | null;
  readonly times: number;
  readonly period: number | null;
  readonly firstOrdinal: number;
  readonly lastOrdinal: number;
  readonly jobs: number;
  readonly cause: LoopCause;
  readonly remedy: LoopRemedy;
  readonly refundedSteps: number;
}

export function explainFinding(finding: LoopFinding): LoopExplanation {
  const concerned = [...finding.steps, ...finding.repeats, finding.foundAt];
  return {
    code: `loop_${finding.signal}`,
    subject: finding.subject,
    times: finding.threshold,
    period: finding.period,
    firstOrdinal: finding.firstHonestStep.ordinal,
    lastOrdinal: finding.foundAt.ordinal,
    jobs: new Set(concerned.map(({ jobId }) => jobId)).size,
    cause: finding.cause,
    remedy: finding.remedy,
    refundedSteps: finding.refundableSteps.length,
  };
}
