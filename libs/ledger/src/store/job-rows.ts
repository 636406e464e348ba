// Ledger room. How the rows of a job are told apart within a group: by their job first, then by a key of their own.
import type { AttemptFacts, JobFacts } from '@fairmeter/domain';
import { hasEnded } from '@fairmeter/domain';

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
