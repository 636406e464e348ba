// Domain room. What a coding answer is made of, and how large each part of it is.

export const ANSWER_PARTS = ['code', 'explanation', 'file_structure', 'install_notes', 'tests'] as const;
export type AnswerPart = (typeof ANSWER_PARTS)[number];

/** Bytes of each part; what is left out has none. */
export type PartSizes = Readonly<Partial<Record<AnswerPart, number>>>;
