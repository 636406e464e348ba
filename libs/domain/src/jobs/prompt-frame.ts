// Domain room. The words our agent puts around what a person asked, per stage, and their size: the hold needs it.
// Below them an agent that brings code is told which extras are wanted, in the same words in every program.
import type { ModelStage, Program } from './job.js';

export const STAGE_INSTRUCTIONS: Readonly<Record<ModelStage, string>> = {
  plan: 'You are a careful software engineer. List the files to write and what each must do. No code yet.',
  generate: 'You are a careful software engineer. Write every file of the plan, whole, each after a line "=== path".',
  review:
    'You review the files above against the request. Answer with one first line, APPROVED or CHANGES, then the ' +
    'reasons, one a line. The author was told:',
  repair: 'You are a careful software engineer. Write the files again, whole, with every finding of the review mended.',
  answer: 'Answer helpfully and briefly.',
  clarify: 'Nobody is there to answer. Name what was unclear, choose the most sensible reading, and go on with it.',
};

/** To an agent with tools; how to name them stands below it. */
export const WORKSPACE_INSTRUCTIONS: Readonly<Record<ModelStage, string>> = {
  ...STAGE_INSTRUCTIONS,
  generate:
    'You are a careful software engineer in a workspace of files. Write every file of the plan with the tools, then ' +
    'say done. The files are then parsed, bundled and built; your code is not run.',
  repair:
    'You are a careful software engineer in a workspace of files. Mend what the check found, in as few changes as ' +
    'will do, with the tools, then say done.',
};

/** No stage of a program frames the first request with more bytes than this. */
export const PROMPT_FRAME_BYTES: Readonly<Record<Program, number>> = {
  answer: 512,
  review: 512,
  workspace: 2_048,
  reported: 0,
};
