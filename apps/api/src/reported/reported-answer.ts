// API room. What a bot with an agent of its own hears: what it may use, what it was charged, and whether it loops.
import type { BeginReportedAnswer, EndReportedAnswer, FinishReportedAnswer, LoopVerdict } from '@fairmeter/contracts';
import type { MeterFlag } from '@fairmeter/domain';
import {
  END_REASONS,
  ENDED_JOB_STATES,
  formatCredits,
  LOOP_ACTIONS,
  LOOP_CAUSES,
  LOOP_SIGNALS,
  METER_FLAGS,
  parseMicroCredits,
} from '@fairmeter/domain';
import type { JobView } from '@fairmeter/ledger/reads';
import { z } from 'zod';
import { credits, jobBody, toJobBody } from '../jobs/job-body.js';

export const begunStepBody = z.object({
  job_id: z.string(),
  step: z.int().describe('Its number inside the job, counted from 1.'),
  attempt: z.int().describe('To be named when it ends.'),
  held: credits.describe('Set aside for this step.'),
  max_output_tokens: z.int().describe('Ask the model for no more: the hold was made for it. 0 where none answers.'),
});
export type BegunStepBody = z.output<typeof begunStepBody>;

const ending = z.object({ state: z.enum(ENDED_JOB_STATES), end_reason: z.enum(END_REASONS) });

const loop = z
  .object({
    signal: z.enum(LOOP_SIGNALS),
    cause: z.enum(LOOP_CAUSES),
    action: z.enum(LOOP_ACTIONS),
    steps: z.array(z.int()).describe('Those that were counted.'),
    refunded: credits,
  })
  .nullable();

export const endedStepBody = z.object({
  job_id: z.string(),
  step: z.int(),
  attempt: z.int(),
  charge: credits,
  charged_so_far: credits,
  budget_left: credits,
  flags: z.array(z.enum(METER_FLAGS)).describe('What could not be as it was told, and was bounded.'),
  loop: loop.describe('Null while there is none. With one the job has ended, unless it was only recorded.'),
  job: ending.nullable().describe('How the job ended with this step; null while it goes on.'),
});
export type EndedStepBody = z.output<typeof endedStepBody>;

export const finishedBody = jobBody.extend({ loop: loop.describe('A loop that only showed at the end.') });
export type FinishedBody = z.output<typeof finishedBody>;

type Begun = Extract<BeginReportedAnswer, { outcome: 'begun' }>;
type Ended = Extract<EndReportedAnswer, { outcome: 'ended' }>;
type Finished = Extract<FinishReportedAnswer, { outcome: 'finished' }>;

const shown = (microCredits: string): string => formatCredits(parseMicroCredits(microCredits));

export function toBegunBody(jobId: string, { step, attempt, heldMicroCredits, maxOutputTokens }: Begun): BegunStepBody {
  return { job_id: jobId, step, attempt, held: shown(heldMicroCredits), max_output_tokens: maxOutputTokens };
}

export interface EndedCall {
  readonly jobId: string;
  readonly step: number;
  readonly attempt: number;
  readonly flags: readonly MeterFlag[];
}

export function toEndedBody({ jobId, step, attempt, flags }: EndedCall, answer: Ended): EndedStepBody {
  return {
    job_id: jobId,
    step,
    attempt,
    charge: shown(answer.chargeMicroCredits),
    charged_so_far: shown(answer.chargedSoFarMicroCredits),
    budget_left: shown(answer.budgetLeftMicroCredits),
    flags: answer.bounded ? [...flags, 'no_usage_reported'] : [...flags],
    loop: loopBody(answer.loop),
    job: answer.ending === undefined ? null : { state: answer.ending.state, end_reason: answer.ending.reason },
  };
}

export function toFinishedBody(job: JobView, answer: Finished, publicUrl: string | undefined): FinishedBody {
  return { ...toJobBody(job, publicUrl), loop: loopBody(answer.loop) };
}

function loopBody(found: LoopVerdict | null): z.output<typeof loop> {
  return found === null ? null : { ...found, steps: [...found.steps] };
}
