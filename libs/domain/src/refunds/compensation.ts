// Domain room. A compensation by staff: what it is about, how it goes on, what it came to beside its preview, and who
// has a say. What gives credits away without limit needs a second person, as grants do.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { subtract } from '../amounts/micro-credits.js';
import type { GrantVerdict, StaffMember } from '../grants/grant.js';
import { isSecondPerson } from '../grants/grant.js';

/** Of the jobs that an incident hit: what ran in it, or all of them. */
export const INCIDENT_REACHES = ['steps', 'jobs'] as const;
export type IncidentReach = (typeof INCIDENT_REACHES)[number];

export type CompensationTarget =
  | { readonly kind: 'job'; readonly jobId: string }
  | { readonly kind: 'steps'; readonly jobId: string; readonly steps: readonly number[] }
  | {
      readonly kind: 'thread';
      readonly botId: string;
      readonly threadId: string;
      /** The person or visitor whose thread it is; null: of any key. */
      readonly somebody: string | null;
    }
  | { readonly kind: 'incident'; readonly incidentId: string; readonly reach: IncidentReach }
  /** The repeats of a loop: of one that went over the jobs of a thread, in all of them. */
  | { readonly kind: 'loop'; readonly jobId: string; readonly finding: number };

export const COMPENSATION_STATES = ['previewing', 'previewed', 'requested', 'approved', 'rejected', 'posted'] as const;
export type CompensationState = (typeof COMPENSATION_STATES)[number];

export const COMPENSATION_STEPS = ['foresee', 'wait', 'approve', 'reject', 'finish'] as const;
export type CompensationStep = (typeof COMPENSATION_STEPS)[number];

const NEXT: Readonly<Record<CompensationState, Partial<Record<CompensationStep, CompensationState>>>> = {
  previewing: { foresee: 'previewed' },
  // With nothing to give back there is nothing to decide.
  previewed: { wait: 'requested', approve: 'approved', reject: 'rejected' },
  requested: { approve: 'approved', reject: 'rejected' },
  approved: { finish: 'posted' },
  rejected: {},
  posted: {},
};

/** The state that follows; null where this step does not follow from that state. */
export function afterCompensationStep(state: CompensationState, step: CompensationStep): CompensationState | null {
  return NEXT[state][step] ?? null;
}

/** Anybody of the staff may stop one that waits, also their own; another person than who asked must let it through. */
export function mayDecideCompensation(askedById: string, verdict: GrantVerdict, by: StaffMember): boolean {
  return verdict === 'reject' || isSecondPerson(by, askedById);
}

/** Why a job of the target gets nothing. */
export const NOT_COMPENSATED = [
  'job_running',
  'nothing_charged',
  'refunded_before',
  'own_account',
  'test_job',
] as const;
export type NotCompensated = (typeof NOT_COMPENSATED)[number];

export function namesOneJob({ kind }: CompensationTarget): boolean {
  return kind === 'job' || kind === 'steps';
}

/**
 * Another lane took what one job had left (edge 58): a refusal. Of many jobs it is none, as each is listed as
 * different; nor where a second person let it through, as it was answered as one that waits before.
 */
export function cameTooLate(
  { target, decidedBy }: { readonly target: CompensationTarget; readonly decidedBy: string | null },
  { jobsPosted, posted }: { readonly jobsPosted: number; readonly posted: MicroCredits },
): boolean {
  return namesOneJob(target) && decidedBy === null && jobsPosted > 0 && posted === 0n;
}

export interface CompensatedJob {
  readonly foreseen: MicroCredits;
  readonly posted: MicroCredits;
}

/** What the posting fell short of the preview by; below 0 where more came back. */
export function differenceOf({ foreseen, posted }: CompensatedJob): MicroCredits {
  return subtract(foreseen, posted);
}
