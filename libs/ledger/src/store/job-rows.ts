// Ledger room. How the rows of a job are told apart within a group: by their job first, then by a key of their own.
import type { AttemptFacts, Hold, JobFacts, JobPosting, StepFacts } from '@fairmeter/domain';
import { hasEnded } from '@fairmeter/domain';
import type { Ground, Post } from './post.js';

export function ofJob<T>(rows: Map<string, Map<string, T>>, { jobId }: { readonly jobId: string }): Map<string, T> {
  const own = rows.get(jobId) ?? new Map<string, T>();
  rows.set(jobId, own);
  return own;
}

export function stepKey(step: { readonly jobId: string; readonly ordinal: number }): string {
  return `${step.jobId}:${step.ordinal}`;
}

export function attemptKey(attempt: Pick<AttemptFacts, 'jobId' | 'ordinal' | 'number'>): string {
  return `${stepKey(attempt)}:${attempt.number}`;
}

export function findingKey(finding: { readonly jobId: string; readonly number: number }): string {
  return `${finding.jobId}:${finding.number}`;
}

/** How many more jobs are open once this one is written: 1, 0 or -1. */
export function openedBy(job: JobFacts | null, before: JobFacts | undefined): number {
  if (job === null) return 0;
  return Number(!hasEnded(job.state)) - Number(before !== undefined && !hasEnded(before.state));
}

/** The job that a posting is about and those it changes besides. */
export function jobsOf({ job, otherJobs = [] }: JobPosting<object>): readonly JobFacts[] {
  return job === null ? otherJobs : [job, ...otherJobs];
}

interface JobsKnown {
  readonly jobs: ReadonlyMap<string, JobFacts>;
  readonly holds: ReadonlyMap<string, Hold>;
  readonly steps: ReadonlyMap<string, ReadonlyMap<string, StepFacts>>;
}

/** A job of another scope, or one that has not ended, is none of the post's business. */
export function othersOf(
  { scopeId, load: { otherJobs = [] } }: Post<object>,
  { jobs, holds, steps }: JobsKnown,
): Ground['others'] {
  return otherJobs.flatMap((id) => {
    const job = jobs.get(id);
    if (job === undefined || job.scopeId !== scopeId || !hasEnded(job.state)) return [];
    const own = [...(steps.get(id)?.values() ?? [])].sort((a, b) => a.ordinal - b.ordinal);
    return [{ job, hold: holds.get(id) ?? null, steps: own }];
  });
}
