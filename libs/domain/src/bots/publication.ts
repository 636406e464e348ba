// Domain room. May a bot be shown to everybody? Its owner answers three questions, and any no keeps it private.
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';

export type Visibility = 'private' | 'public';

/** In the order in which they are asked. */
export const PUBLICATION_QUESTIONS = ['purpose_clear', 'trained_enough', 'results_reviewable'] as const;
export type PublicationQuestion = (typeof PUBLICATION_QUESTIONS)[number];

export type PublicationAnswers = Readonly<Record<PublicationQuestion, boolean>>;

export function decidePublication(answers: PublicationAnswers): Outcome<'public'> {
  const question = PUBLICATION_QUESTIONS.find((asked) => !answers[asked]);
  return question === undefined ? accept('public') : refuse({ code: 'publication_incomplete', question });
}
