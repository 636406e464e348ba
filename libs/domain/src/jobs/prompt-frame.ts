// Domain room. The words our agent puts around what a person asked, per stage, and their size: the hold needs it.
import type { Stage } from './job.js';

export const STAGE_INSTRUCTIONS: Readonly<Record<Stage, string>> = {
  plan: 'You are a careful software engineer. List the files to write and what each must do. No code yet.',
  generate: 'You are a careful software engineer. Write every file of the plan, whole, each after a line "=== path".',
  review:
    'You review the files above against the request. Answer with one first line, APPROVED or CHANGES, then the ' +
    'reasons, one a line.',
  repair: 'You are a careful software engineer. Write the files again, whole, with every finding of the review mended.',
  answer: 'Answer helpfully and briefly.',
};

/** No stage frames a request with more bytes than this. */
export const PROMPT_FRAME_BYTES = 512;
