// Domain room. The words of a program: how far a job has come, what it does next, and how it ends.
import type { ObservedStep } from '../loops/observed-step.js';
import type { PartSizes } from './answer-parts.js';
import type { EndedJobState, EndReason, ModelStage, Program, Stage, StepKind } from './job.js';

export type StageVerdict = 'go_on' | 'approved' | 'changes_requested';

export interface Ending {
  readonly state: EndedJobState;
  readonly reason: EndReason;
}

/** The tool calls of a model's answer, and which of them comes next. */
export interface PendingCalls {
  /** The step whose answer named them. */
  readonly of: number;
  readonly count: number;
  readonly next: number;
  /** The answer said that its round is done, or asked something that nobody is there to answer. */
  readonly then: 'check' | 'clarify' | 'look';
  /** None of them can take long. Absent from histories of before it was told: then nobody knows. */
  readonly atOnce?: true;
}

/** How far the steps have come: all that the next step depends on, small enough to travel. */
export interface Progress {
  readonly ordinal: number;
  readonly last: { readonly stage: Stage; readonly iteration: number; readonly verdict: StageVerdict } | null;
  /** Model turns of this iteration, in a workspace. */
  readonly turns?: number;
  readonly calls?: PendingCalls;
  /** The files as they are, by the hash of their tree; none before the first was written. */
  readonly tree?: string;
  /** Set while the files of a job that is over are packed. */
  readonly ending?: Ending;
}

export const NO_PROGRESS: Progress = { ordinal: 0, last: null };

export interface ProgramState {
  readonly program: Program;
  readonly maxIterations: number;
  /** Whether whoever asked wants the files as one ZIP. */
  readonly zip: boolean;
  readonly progress: Progress;
}

export interface StepMove {
  readonly move: 'step';
  readonly stage: Stage;
  readonly kind: StepKind;
  readonly iteration: number;
  /** Which call of which answer, for a tool the model asked for. */
  readonly call?: { readonly of: number; readonly index: number };
  /** The ending that packing the files comes before. */
  readonly ending?: Ending;
}

export type NextMove = StepMove | ({ readonly move: 'end' } & Ending);

export const FINISHED: Ending = { state: 'completed', reason: 'finished' };
export const OUT_OF_ITERATIONS: Ending = { state: 'completed_partial', reason: 'iterations_reached' };

/** What a step tells beyond its verdict: small, for it travels through the workflow and stands in the step's row. */
export interface StepReport {
  /** The tool calls that a model's answer names. */
  readonly calls?: Omit<PendingCalls, 'of' | 'next'>;
  /** Calls that the answer wrote and that could not be made: no tool of ours, or nothing that it takes. */
  readonly refusedCalls?: number;
  /** The files after it, by the hash of their tree. */
  readonly tree?: string;
  /** What the loop detector looks at. */
  readonly seen?: StepSeen;
  /** How large each part of the answer is: the cost view splits the charge by it. */
  readonly parts?: PartSizes;
}

/** An observed step without what its row says anyway. */
export type StepSeen = Omit<ObservedStep, 'jobId' | 'ordinal' | 'iteration' | 'payer' | 'charge'>;

export const NO_REPORT: StepReport = Object.freeze({});

export interface StepOutcome {
  readonly verdict: StageVerdict;
  readonly report: StepReport;
}

export function firstStage(program: Program): ModelStage {
  return program === 'answer' ? 'answer' : 'plan';
}

/** The longest answer a stage asks for, in tokens. */
export const STAGE_OUTPUT_TOKENS: Readonly<Record<ModelStage, number>> = {
  plan: 1_024,
  generate: 8_192,
  review: 1_024,
  repair: 8_192,
  answer: 2_048,
  clarify: 8_192,
};

export function modelStep(stage: ModelStage, iteration: number): StepMove {
  return { move: 'step', stage, kind: stage === 'clarify' ? 'clarification' : 'model_call', iteration };
}
