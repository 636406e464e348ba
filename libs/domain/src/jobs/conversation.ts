// Domain room. What a stage says to the model: our frame, what was asked, and the earlier results it builds on.
import type { ModelStage, Stage } from './job.js';
import type { StageVerdict } from './moves.js';
import { STAGE_INSTRUCTIONS } from './prompt-frame.js';

export interface EarlierResult {
  readonly stage: Stage;
  readonly text: string;
}

export interface Conversation {
  readonly system: string;
  /** The beginning of `system` that is the same in every turn of every job of a bot. */
  readonly guide?: string;
  readonly messages: readonly { readonly role: 'user' | 'assistant'; readonly text: string }[];
}

/** Which earlier results a stage needs; only the latest of each kind, so that the context does not grow by rounds. */
const BUILDS_ON: Readonly<Record<ModelStage, readonly (readonly Stage[])[]>> = {
  plan: [],
  answer: [],
  clarify: [],
  generate: [['plan']],
  review: [['generate', 'repair']],
  repair: [['generate', 'repair'], ['review']],
};

export function conversationOf(stage: ModelStage, prompt: string, earlier: readonly EarlierResult[]): Conversation {
  const messages: { role: 'user' | 'assistant'; text: string }[] = [{ role: 'user', text: prompt }];
  for (const kinds of BUILDS_ON[stage]) {
    const latest = earlier.filter((result) => kinds.includes(result.stage)).at(-1);
    if (latest === undefined) continue;
    messages.push({ role: 'assistant', text: latest.text }, { role: 'user', text: 'Go on.' });
  }
  return { system: STAGE_INSTRUCTIONS[stage], messages };
}

/** Only a review judges. Its first line decides; whatever is not a clear approval asks for changes. */
export function verdictOf(stage: Stage, answer: string): StageVerdict {
  if (stage !== 'review') return 'go_on';
  const firstLine = answer.trimStart().split('\n', 1)[0] ?? '';
  return /^\W*approved\b/i.test(firstLine) ? 'approved' : 'changes_requested';
}
