// Activities room. What is said to a model, put together from texts that are kept by reference.
import type { RunStepInput } from '@fairmeter/contracts';
import type { Conversation, ModelStage } from '@fairmeter/domain';
import { conversationOf, invariant } from '@fairmeter/domain';
import type { StepResult } from '@fairmeter/ledger/reads';
import { ALL_EXTRAS } from '@fairmeter/providers/tools';
import { readTexts } from '@fairmeter/records';
import type { PinnedJob } from '../jobs/job-memory.js';
import type { StepParts } from './step-parts.js';
import { workspaceConversation } from './workspace-conversation.js';

interface ConversationWish {
  readonly job: PinnedJob;
  readonly input: RunStepInput;
  readonly stage: ModelStage;
}

export async function readConversation(
  parts: StepParts,
  { job, input, stage }: ConversationWish,
): Promise<Conversation> {
  const { manager } = parts.entities;
  const results = await parts.memory.resultsBefore(manager, job.id, input.ordinal);
  const needed = job.program === 'workspace' ? neededInWorkspace(results, input.iteration) : results;
  const texts = await readTexts(manager, [job.promptRef, ...needed.map((result) => result.resultRef)]);
  const prompt = texts.get(job.promptRef);
  invariant(prompt !== undefined, 'price.pinned', `the prompt of job ${job.id} is not on record`);
  const earlier = needed.map(({ stage: of, iteration, resultRef }) => ({
    stage: of,
    iteration,
    text: texts.get(resultRef) ?? '',
  }));
  if (job.program !== 'workspace') return conversationOf(stage, prompt, earlier);
  const files = await parts.shelf.take(job, input.tree);
  return workspaceConversation({ stage, iteration: input.iteration, prompt, extras: ALL_EXTRAS, files, earlier });
}

/** However long a job has run, a turn reads the plan, the last verdict and its own iteration. */
function neededInWorkspace(results: readonly StepResult[], iteration: number): readonly StepResult[] {
  const verdict = results.filter(({ stage }) => stage === 'check' || stage === 'preview').at(-1);
  return results.filter((result) => result.stage === 'plan' || result === verdict || result.iteration === iteration);
}
