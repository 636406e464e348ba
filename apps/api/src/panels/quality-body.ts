// API room. The quality panel of a bot: profile, snippets, domain, credits and the ZIP to download, with what its owner
// may do about them.
import type { BotHint, GuidePart } from '@fairmeter/domain';
import { formatCredits, instantToText, OFFER_HINT_CODES, QUALITY_HINT_CODES } from '@fairmeter/domain';
import { z } from 'zod';
import { artefactBody, factList, factsBody, toArtefactBody } from '../jobs/coding-body.js';
import { credits, instantText } from '../jobs/job-body.js';
import { HINT_TEXTS } from './hint-texts.js';
import type { QualityAnswer } from './quality-reader.js';

const told = z.object({
  state: z.enum(['missing', 'empty', 'set']),
  version: z.int().nullable(),
  tokens: z.int().describe('What it adds to every request, by our own count.'),
});

const hint = z.object({
  code: z.enum([...QUALITY_HINT_CODES, ...OFFER_HINT_CODES]).describe('Stable; decide by this.'),
  kind: z.enum(['quality', 'offer']),
  title: z.string(),
  text: z.string().describe('For people.'),
  measure: z.string().describe('What is measured.'),
  figure: z.int().describe('What was measured, in the last 30 days.'),
  from: z.int().describe('The hint is given from this figure on.'),
});

export const qualityBody = z.object({
  bot_id: z.string(),
  type: z.enum(['chat', 'coding']),
  profile: told,
  snippets: told,
  domain: z.object({ state: z.enum(['missing', 'set']), domain: z.string().nullable() }),
  credits: z.object({
    state: z
      .enum(['enough', 'low', 'none'])
      .describe('Of the owner: enough for a job of the usual budget, less than that, or nothing.'),
    available: credits,
    usual_budget: credits.describe('Of a job where a request names none.'),
    spent: credits.describe('By the owner for this bot in the last 30 days, less what was refunded.'),
    as_of: instantText,
    entry_seq: z.string(),
  }),
  artefact: z.object({
    state: z.enum(['on', 'off']).describe('Whether its jobs may pack their files.'),
    off_by: z.enum(['program', 'plan', 'bot']).nullable().describe('Who says no.'),
    latest: artefactBody
      .extend({ job_id: z.string() })
      .nullable()
      .describe('The newest ZIP that can still be downloaded.'),
  }),
  hints: z.array(hint).describe('What makes tasks better first, offers last; none of them changes a charge.'),
  facts: factsBody,
});
export type QualityBody = z.output<typeof qualityBody>;

export function toQualityBody({ bot, view, spent, artefact, hints }: QualityAnswer): QualityBody {
  const { available, asOf, entrySeq } = view;
  return {
    bot_id: bot.id,
    type: bot.type,
    profile: toldBody(bot.guide.profile),
    snippets: toldBody(bot.guide.snippets),
    domain: { state: bot.domain === null ? 'missing' : 'set', domain: bot.domain },
    credits: {
      state: available <= 0n ? 'none' : available < bot.defaultMaxCredits ? 'low' : 'enough',
      available: formatCredits(available),
      usual_budget: formatCredits(bot.defaultMaxCredits),
      spent: formatCredits(spent),
      as_of: instantToText(asOf),
      entry_seq: entrySeq.toString(),
    },
    artefact: {
      state: artefact.offBy === null ? 'on' : 'off',
      off_by: artefact.offBy,
      latest: artefact.latest === null ? null : { ...toArtefactBody(artefact.latest), job_id: artefact.latest.jobId },
    },
    hints: hints.map(hintBody),
    facts: factList(bot.type),
  };
}

function toldBody(part: GuidePart | undefined): QualityBody['profile'] {
  if (part === undefined) return { state: 'missing', version: null, tokens: 0 };
  return { state: part.bytes === 0 ? 'empty' : 'set', version: part.version, tokens: part.tokens };
}

function hintBody({ code, ...measured }: BotHint): QualityBody['hints'][number] {
  return { code, ...HINT_TEXTS[code], ...measured };
}
