// Domain room. What is worth saying before a request runs. Hints advise and never stop anything.
import type { ContextFile } from './request-text.js';
import { asksForSeveralProjects } from './several-projects.js';

export const QUOTE_HINTS = ['multiple_projects', 'review_first', 'selection_smaller'] as const;
export type QuoteHint = (typeof QUOTE_HINTS)[number];

export interface HintQuery {
  readonly prompt: string;
  readonly context: readonly ContextFile[];
  /** Whether this bot was asked for the same action on the same content before (D15). */
  readonly askedBefore: boolean;
}

export function hintsFor({ prompt, context, askedBefore }: HintQuery): readonly QuoteHint[] {
  const wholeFiles = context.length > 0 && context.every((file) => file.selection === null);
  return [
    ...(askedBefore ? ['review_first' as const] : []),
    ...(asksForSeveralProjects(prompt) ? ['multiple_projects' as const] : []),
    ...(wholeFiles ? ['selection_smaller' as const] : []),
  ];
}
