// Domain room. The words of a job: what it is, where it stands, how it can end. One meaning each.

export type BotType = 'chat' | 'coding';

export const REQUEST_KINDS = [
  'chat',
  'debug',
  'optimise',
  'generate',
  'translate',
  'explain',
  'document',
  'test',
] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];

/** What a bot is asked for where a request does not say. */
export function usualKind(botType: BotType): RequestKind {
  return botType === 'coding' ? 'generate' : 'chat';
}

/** An attempt of a step lasts no longer, so that no ended credit is capturable later (requirements 2.3). */
export const ATTEMPT_LASTS_MS = 15 * 60_000;

export const STEP_KINDS = ['model_call', 'tool_call', 'preview_build', 'packaging', 'clarification'] as const;
export type StepKind = (typeof STEP_KINDS)[number];

/** What a step is for inside the agent's program. */
export const STAGES = [
  'plan',
  'generate',
  'review',
  'repair',
  'answer',
  'clarify',
  'tool',
  'check',
  'preview',
  'package',
] as const;
export type Stage = (typeof STAGES)[number];

/** Stages in which a model is asked; the others are our own tools. */
export const MODEL_STAGES = ['plan', 'generate', 'review', 'repair', 'answer', 'clarify'] as const;
export type ModelStage = (typeof MODEL_STAGES)[number];

export function asksModel(stage: Stage): stage is ModelStage {
  return (MODEL_STAGES as readonly Stage[]).includes(stage);
}

/** Who runs the agent: we do, or a bot with an agent of its own, which asks for each step. */
export const JOB_MODES = ['managed', 'reported'] as const;
export type JobMode = (typeof JOB_MODES)[number];

/** How a managed job works: one answer, a draft that a model reviews, or an agent with tools in a workspace. */
export const PROGRAMS = ['answer', 'review', 'workspace'] as const;
/** A reported job works as its bot likes. */
export type Program = (typeof PROGRAMS)[number] | 'reported';

/** What a bot runs where nobody chose. */
export function usualProgram(botType: BotType): Program {
  return botType === 'chat' ? 'answer' : 'review';
}

interface WorkOfJob {
  /** Absent: managed. */
  readonly mode?: JobMode | undefined;
}

/** An agent of its own is the bot's affair: then nothing of ours runs, whatever the bot usually has run. */
export function programOf(bot: { readonly program: Program }, { mode }: WorkOfJob): Program {
  return mode === 'reported' ? 'reported' : bot.program;
}

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
  'loop_detected',
  'platform_failed',
  'cancelled',
  'idle',
  // Its workflow was ended by hand, or is gone: whoever compares found it and settled it.
  'workflow_lost',
] as const;
export type EndReason = (typeof END_REASONS)[number];

export function hasEnded(state: JobState): state is EndedJobState {
  return (ENDED_JOB_STATES as readonly JobState[]).includes(state);
}

/**
 * What came of a loop: given back, ours with nothing left to give back, given to a person, stopped with an offer of a
 * review, or only written down.
 */
export const LOOP_ACTIONS = ['refunded', 'nothing_to_refund', 'review', 'stopped', 'recorded'] as const;
export type LoopAction = (typeof LOOP_ACTIONS)[number];
