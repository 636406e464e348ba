// Providers room, tools. Extras and parts of an answer are the domain's words; here is what a figure of each part is.
import type { AnswerPart } from '@fairmeter/domain';

export { ALL_EXTRAS, ANSWER_PARTS as PARTS, EXTRAS, type Extra, type Extras } from '@fairmeter/domain';
export type { AnswerPart as Part } from '@fairmeter/domain';

/** Every part has a figure, zero too: what was left out is seen to be left out. */
export type PartShares = Readonly<Record<AnswerPart, bigint>>;
