// Domain room. The words of a job: what it is, where it stands, how it can end. One meaning each.

export type BotType = 'chat' | 'coding';

export const REQUEST_KINDS = ['chat', 'debug', 'optimise', 'generate', 'translate', 'explain', 'document'] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];

/** What a bot is asked for where a request does not say. */
export function usualKind(botType: BotType): RequestKind {
  return botType === 'coding' ? 'generate' : 'chat';
}

export const STEP_KINDS = ['model_call', 'tool_call', 'preview_build', 'packaging', 'clarification'] as const;
export type StepKind = (typeof STEP_KINDS)[number];

/** What a step is for inside the agent's program. */
export const STAGES = ['plan', 'generate', 'review', 'repair', 'answer'] as const;
export type Stage = (typeof STAGES)[number];

export const CHARGE_CLASSES = ['billable', 'platform_fault', 'user_fault', 'unclear'] as const;
export type ChargeClass = (typeof CHARGE_CLASSES)[number];

export const OPEN_JOB_STATES = ['running', 'waiting_credits', 'settling'] as const;
export const ENDED_JOB_STATES = ['completed', 'completed_partial', 'failed', 'cancelled', 'stopped_loop'] as const;
export type EndedJobState = (typeof ENDED_JOB_STATES)[number];
export type JobState = (typeof OPEN_JOB_STATES)[number] | EndedJobState;

export const END_REASONS = [
  'finished',
  'iterations_reached',
  'budget_reached',
  'credits_exhausted',
  'deadline_reached',
  'provider_failed',
  'provider_refused',
  'platform_failed',
  'cancelled',
] as const;
export type EndReason = (typeof END_REASONS)[number];

export function hasEnded(state: JobState): state is EndedJobState {
  return (ENDED_JOB_STATES as readonly JobState[]).includes(state);
}
