// Workflows room. The words in which a reported job says no, and in which it tells of a loop.
import type { JobEnding, LoopVerdict, ReportedCall, ReportedState, WireRefusal } from '@fairmeter/contracts';
import { packRefusal, unpackRefusal } from '@fairmeter/contracts';
import type { NoteLoopResult, Refusal } from '@fairmeter/domain';
import type { FoundLoop } from '../ai-job/loops.js';

export interface Refused {
  readonly outcome: 'refused';
  readonly refusal: WireRefusal;
  readonly decidedAt: number;
  readonly requestId: string;
}

export function refused({ requestId }: ReportedCall, refusal: WireRefusal): Refused {
  return { outcome: 'refused', refusal, decidedAt: Date.now(), requestId };
}

export function over({ state }: JobEnding): WireRefusal {
  return packRefusal({ code: 'job_ended', state });
}

/** What a partial ending is put down to. */
export function lackOf(wire: WireRefusal): ReportedState['lacks'] {
  const refusal: Refusal = unpackRefusal(wire);
  if (refusal.code === 'iterations_used_up') return 'iterations_reached';
  if (refusal.code !== 'credits_exhausted') return undefined;
  return refusal.limitSource === 'job_budget' ? 'budget_reached' : 'credits_exhausted';
}

/** Steps of this job; those of earlier ones of its thread are in the evidence. */
export function verdictOf({ finding }: FoundLoop, noted: NoteLoopResult): LoopVerdict {
  const { action, amount, cause = finding.cause } = noted;
  const { signal, steps, foundAt } = finding;
  const own = steps.filter(({ jobId }) => jobId === foundAt.jobId);
  return { signal, cause, action, steps: own.map(({ ordinal }) => ordinal), refunded: amount };
}
