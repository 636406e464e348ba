// API room. What stands beside every coding answer and its cost: the notice that a person must review it, the short
// fact about size, and the ZIP where there is one.
import type { BotType, FactCode, NoticeCode } from '@fairmeter/domain';
import { BIGGER_OUTPUT_COSTS_MORE, CODE_IS_A_SUGGESTION, instantToText } from '@fairmeter/domain';
import type { ArtefactView } from '@fairmeter/records';
import { z } from 'zod';
import { instantText } from './job-body.js';

export const noticesBody = z.array(z.object({ code: z.literal(CODE_IS_A_SUGGESTION), text: z.string() }));
export const factsBody = z.array(z.object({ code: z.literal(BIGGER_OUTPUT_COSTS_MORE), text: z.string() }));

const NOTICES: Readonly<Record<NoticeCode, string>> = {
  code_is_a_suggestion:
    'The code is a suggestion and a technical starting point. A person must review it before it is used; nothing is ' +
    'promised about its fitness for production or about law.',
};
const FACTS: Readonly<Record<FactCode, string>> = {
  bigger_output_costs_more: 'Coding uses normal credits; a bigger output needs more of them.',
};

export function noticeList(botType: BotType): z.output<typeof noticesBody> {
  if (botType !== 'coding') return [];
  return [{ code: CODE_IS_A_SUGGESTION, text: NOTICES[CODE_IS_A_SUGGESTION] }];
}

export function factList(botType: BotType): z.output<typeof factsBody> {
  if (botType !== 'coding') return [];
  return [{ code: BIGGER_OUTPUT_COSTS_MORE, text: FACTS[BIGGER_OUTPUT_COSTS_MORE] }];
}

export const artefactBody = z.object({
  id: z.string(),
  files: z.int(),
  bytes: z.int(),
  sha256: z.string(),
  expires_at: instantText,
});

export function toArtefactBody({ id, files, bytes, sha256, expiresAt }: ArtefactView): z.output<typeof artefactBody> {
  return { id, files, bytes, sha256, expires_at: instantToText(expiresAt) };
}
