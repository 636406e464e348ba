// Domain room. What is worth saying before a request runs. Hints advise and never stop anything.
import type { ContextFile } from './request-text.js';
import { asksForSeveralProjects } from './several-projects.js';

export const QUOTE_HINTS = ['multiple_projects', 'review_first', 'selection_smaller', 'bundle_for_project'] as const;
export type QuoteHint = (typeof QUOTE_HINTS)[number];

export interface HintQuery {
  readonly prompt: string;
  readonly context: readonly ContextFile[];
  /** Whether this bot was asked for the same action on the same content before (D15). */
  readonly askedBefore: boolean;
  /** A project of its own: whoever would pay has less than it is expected to cost, and could buy a bundle. */
  readonly isBeyondCredits: boolean;
}

export function hintsFor({ prompt, context, askedBefore, isBeyondCredits }: HintQuery): readonly QuoteHint[] {
  const wholeFiles = context.length > 0 && context.every((file) => file.selection === null);
  return [
    ...(askedBefore ? ['review_first' as const] : []),
    ...(asksForSeveralProjects(prompt) ? ['multiple_projects' as const] : []),
    ...(wholeFiles ? ['selection_smaller' as const] : []),
    ...(isBeyondCredits ? ['bundle_for_project' as const] : []),
  ];
}
