// Activities room. What is said to a model, put together from texts that are kept by reference.
import type { RunStepInput } from '@fairmeter/contracts';
import type { Conversation, ContextFile, ModelStage } from '@fairmeter/domain';
import { conversationOf, invariant, requestText } from '@fairmeter/domain';
import type { StepResult } from '@fairmeter/ledger/reads';
import { describeExtras } from '@fairmeter/providers/tools';
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
  const refs = [...askedIn(job), ...needed.map((result) => result.resultRef)];
  const texts = await parts.memory.texts.read(manager, job.id, refs);
  const prompt = promptOf(job, texts);
  const earlier = needed.map(({ stage: of, iteration, resultRef }) => ({
    stage: of,
    iteration,
    text: texts.get(resultRef) ?? '',
  }));
  const guide = await parts.memory.guides.text(manager, job.botId, job.versions);
  const guided = (said: Conversation): Conversation => withGuide(guide, withExtras(job, said));
  if (job.program !== 'workspace') return guided(conversationOf(stage, prompt, earlier));
  const files = await parts.shelf.take(job, input.tree);
  return guided(workspaceConversation({ stage, iteration: input.iteration, prompt, files, earlier }));
}

/** What is off is said to be left out, in every stage: a plan that names it, or a review that misses it, brings it. */
function withExtras({ program, extras }: PinnedJob, said: Conversation): Conversation {
  // A plain answer is no code, and has nothing beside it.
  return program === 'answer' ? said : { ...said, system: `${said.system}\n\n${describeExtras(extras).text}` };
}

/** Before all else: it is the same in every turn of every job of the bot, so that a cache can serve it. */
function withGuide(guide: string, said: Conversation): Conversation {
  return guide === '' ? said : { ...said, guide, system: `${guide}${said.system}` };
}

/** Where the words of whoever asked are kept: the prompt, and the files that came along. */
function askedIn({ promptRef, contextRef }: PinnedJob): string[] {
  return contextRef === null ? [promptRef] : [promptRef, contextRef];
}

function promptOf(job: PinnedJob, texts: ReadonlyMap<string, string>): string {
  const [prompt, context = '[]'] = askedIn(job).map((ref) => {
    const text = texts.get(ref);
    invariant(text !== undefined, 'price.pinned', `what was asked in job ${job.id} is not on record`);
    return text;
  });
  return requestText(prompt ?? '', JSON.parse(context) as ContextFile[]);
}

/** However long a job has run, a turn reads the plan, the last verdict and its own iteration. */
function neededInWorkspace(results: readonly StepResult[], iteration: number): readonly StepResult[] {
  const verdict = results.filter(({ stage }) => stage === 'check' || stage === 'preview').at(-1);
  return results.filter((result) => result.stage === 'plan' || result === verdict || result.iteration === iteration);
}
