// API room. A quote as this door shows it: what is indicative, what is promised, and what would pay.
import { BANDS, bandOf, formatCredits, instantToText, LOT_KINDS, QUOTE_HINTS, REQUEST_KINDS } from '@fairmeter/domain';
import { EXTRAS, JOB_MODES, PROGRAMS } from '@fairmeter/domain';
import type { QuoteHint, QuoteRange } from '@fairmeter/domain';
import { z } from 'zod';
import { credits, extrasBody, instantText } from '../jobs/job-body.js';
import type { QuoteGiven } from './quote-desk.js';

const range = z.object({
  min: credits,
  expected: credits,
  max: credits,
  indicative: z.literal(true).describe('Figures to compare with; nothing is promised by them.'),
});

export const quoteBody = z.object({
  id: z.string().describe('Name it as `quote_id` of a submit.'),
  bot_id: z.string(),
  request_kind: z.enum(REQUEST_KINDS),
  model: z.string(),
  rate_card_id: z.string().describe('The prices of a job that is started from this quote.'),
  mode: z.enum(JOB_MODES),
  program: z.enum([...PROGRAMS, 'reported']).describe('How the job works; what it may cost follows from it.'),
  extras: extrasBody,
  max_iterations: z.int(),
  deadline: instantText.nullable().describe('Of the request; null where it named none.'),
  min: credits.describe('Indicative: a short answer at the first try.'),
  expected: credits.describe('Indicative: a usual course.'),
  max: credits.describe('The promise: a job from this quote never costs more, unless its budget is raised.'),
  parts: z
    .array(z.object({ part: z.enum(['work', ...EXTRAS]), expected: credits }))
    .describe('What is expected, by the work itself and what each extra that is on adds to it.'),
  band: z.enum(BANDS).nullable().describe('Of what is expected. Bands describe and never change a charge.'),
  tokens: z.object({
    prompt: z.int(),
    context: z.int(),
    exact: z.boolean().describe('Counted with the vocabulary of the model; else with the nearest public one.'),
  }),
  pays: z.object({
    available: credits,
    missing_of_expected: credits,
    missing_of_max: credits,
    lots: z.array(
      z.object({
        id: z.string(),
        kind: z.enum(LOT_KINDS),
        expires_at: instantText.nullable(),
        expected: credits,
        max: credits,
      }),
    ),
  }),
  ranges: z
    .object({ selection: range, file: range })
    .nullable()
    .describe('Where lines are selected: the selection beside the whole files.'),
  hints: z.array(z.object({ code: z.enum(QUOTE_HINTS), detail: z.string() })),
  created_at: instantText,
  expires_at: instantText,
});
export type QuoteBody = z.output<typeof quoteBody>;

const SAID: Readonly<Record<QuoteHint, string>> = {
  bundle_for_project: 'This is expected to cost more than there is. A bundle does not expire: see /v1/offers.',
  multiple_projects: 'This asks for several projects at once. One job for each is clearer and costs less in repairs.',
  review_first: 'This bot was asked for the same before. Look at that answer first: asking again is charged again.',
  selection_smaller: 'Whole files are sent. A selection of the lines that matter costs less.',
};

export function toQuoteBody({ quote, parts, tokens, pays, wholeFiles, hints }: QuoteGiven): QuoteBody {
  return {
    id: quote.id,
    bot_id: quote.botId,
    request_kind: quote.requestKind,
    model: quote.model,
    rate_card_id: quote.rateCardId,
    mode: quote.program === 'reported' ? 'reported' : 'managed',
    program: quote.program,
    extras: { ...quote.extras },
    max_iterations: quote.maxIterations,
    deadline: quote.deadline === null ? null : instantToText(quote.deadline),
    min: formatCredits(quote.min),
    expected: formatCredits(quote.expected),
    max: formatCredits(quote.max),
    parts: parts.map(({ part, expected }) => ({ part, expected: formatCredits(expected) })),
    band: bandOf(quote.expected),
    tokens,
    pays: {
      available: formatCredits(pays.available),
      missing_of_expected: formatCredits(pays.missingOfExpected),
      missing_of_max: formatCredits(pays.missingOfMax),
      lots: pays.lots.map((lot) => ({
        id: lot.id,
        kind: lot.kind,
        expires_at: lot.expiresAt === null ? null : instantToText(lot.expiresAt),
        expected: formatCredits(lot.expected),
        max: formatCredits(lot.max),
      })),
    },
    ranges: wholeFiles === null ? null : { selection: rangeBody(quote), file: rangeBody(wholeFiles) },
    hints: hints.map((code) => ({ code, detail: SAID[code] })),
    created_at: instantToText(quote.createdAt),
    expires_at: instantToText(quote.expiresAt),
  };
}

function rangeBody({ min, expected, max }: QuoteRange): z.output<typeof range> {
  return { min: formatCredits(min), expected: formatCredits(expected), max: formatCredits(max), indicative: true };
}
