// Domain room. May a bot be shown to everybody? Its owner answers three questions, and any no keeps it private.
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import type { PublicationQuestion } from './publication-questions.js';
import { PUBLICATION_QUESTIONS } from './publication-questions.js';

export type Visibility = 'private' | 'public';

export type PublicationAnswers = Readonly<Record<PublicationQuestion, boolean>>;

export function decidePublication(answers: PublicationAnswers): Outcome<'public'> {
  const question = PUBLICATION_QUESTIONS.find((asked) => !answers[asked]);
  return question === undefined ? accept('public') : refuse({ code: 'publication_incomplete', question });
}
