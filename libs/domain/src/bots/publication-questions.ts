// Domain room. What an owner answers before a bot is shown to everybody, in the order in which it is asked.

export const PUBLICATION_QUESTIONS = ['purpose_clear', 'trained_enough', 'results_reviewable'] as const;
export type PublicationQuestion = (typeof PUBLICATION_QUESTIONS)[number];
