// Activities room. What a step must know before it begins: its job, its price, and what to say to the model.
import type { RunStepInput } from '@fairmeter/contracts';
import type { Conversation, MicroCredits, ModelPrice } from '@fairmeter/domain';
import { conversationOf, invariant, priceOf } from '@fairmeter/domain';
import type { EntityManager } from '@fairmeter/platform/database';
import { readRateCard, readTexts } from '@fairmeter/records';
import type { JobMemory, PinnedJob } from '../jobs/job-memory.js';

export interface PreparedStep {
  readonly job: PinnedJob;
  readonly price: ModelPrice;
  readonly minimumCharge: MicroCredits;
  readonly conversation: Conversation;
  readonly systemBytes: number;
  readonly inputBytes: number;
}

export async function prepareStep(
  manager: EntityManager,
  memory: JobMemory,
  input: RunStepInput,
): Promise<PreparedStep> {
  const job = await memory.job(manager, input.jobId);
  const card = await readRateCard(manager, job.rateCardId);
  const price = priceOf(card, job.model);
  invariant(price !== undefined, 'price.pinned', `${job.model} is not on the pinned card ${job.rateCardId}`);
  const results = await memory.resultsBefore(manager, job.id, input.ordinal);
  const texts = await readTexts(manager, [job.promptRef, ...results.map((result) => result.resultRef)]);
  const prompt = texts.get(job.promptRef);
  invariant(prompt !== undefined, 'price.pinned', `the prompt of job ${job.id} is not on record`);
  const earlier = results.map((result) => ({ stage: result.stage, text: texts.get(result.resultRef) ?? '' }));
  const conversation = conversationOf(input.stage, prompt, earlier);
  const systemBytes = Buffer.byteLength(conversation.system);
  const inputBytes = conversation.messages.reduce((sum, message) => sum + Buffer.byteLength(message.text), systemBytes);
  return { job, price, minimumCharge: card.minimumCharge, conversation, systemBytes, inputBytes };
}
