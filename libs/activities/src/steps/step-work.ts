// Activities room. Which work a step is: a model is asked, or a tool of ours runs.
import type { RunStepInput } from '@fairmeter/contracts';
import { asksModel } from '@fairmeter/domain';
import { modelWork } from './model-work.js';
import { toolWork } from './tool-work.js';
import type { StepParts } from './step-parts.js';
import type { StepWork } from './work.js';

export async function prepareWork(parts: StepParts, input: RunStepInput): Promise<StepWork> {
  const { stage } = input;
  return asksModel(stage) ? modelWork(parts, input, stage) : toolWork(parts, input, stage);
}
