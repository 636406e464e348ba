// Activities room. What is said to a model, put together from texts that are kept by reference.
import type { RunStepInput } from '@fairmeter/contracts';
import type { Conversation, ModelStage } from '@fairmeter/domain';
import { conversationOf, invariant } from '@fairmeter/domain';
import type { EntityManager } from '@fairmeter/platform/database';
import { readTexts } from '@fairmeter/records';
import type { JobMemory, PinnedJob } from '../jobs/job-memory.js';

export interface ConversationWish {
  readonly memory: JobMemory;
  readonly job: PinnedJob;
  readonly input: RunStepInput;
  readonly stage: ModelStage;
}

export async function readConversation(manager: EntityManager, wish: ConversationWish): Promise<Conversation> {
  const { memory, job, input, stage } = wish;
  const results = await memory.resultsBefore(manager, job.id, input.ordinal);
  const texts = await readTexts(manager, [job.promptRef, ...results.map((result) => result.resultRef)]);
  const prompt = texts.get(job.promptRef);
  invariant(prompt !== undefined, 'price.pinned', `the prompt of job ${job.id} is not on record`);
  const earlier = results.map((result) => ({ stage: result.stage, text: texts.get(result.resultRef) ?? '' }));
  return conversationOf(stage, prompt, earlier);
}
