// API room. What may be said of a bot, and how one is shown: to its owner as it is set up, to anybody else only what
// its public page needs.
import type { BotType, PublicationQuestion } from '@fairmeter/domain';
import { EXTRAS, formatCredits, GUIDE_KINDS, instantToText, PROGRAMS } from '@fairmeter/domain';
import { usualProgram } from '@fairmeter/domain';
import type { BotView, PublicBot } from '@fairmeter/records';
import { z } from 'zod';
import { factList, factsBody, noticeList, noticesBody } from '../jobs/coding-body.js';
import { credits, extrasBody, instantText } from '../jobs/job-body.js';
import { creditAmount } from '../jobs/submit-body.js';
import { modelField, yesOrNo } from '../requests/fields.js';
import { pageShape } from '../requests/page.js';
import { nameText } from '../requests/texts.js';

const MAX_NAME_CHARACTERS = 100;
const MAX_DOMAIN_CHARACTERS = 253;
const MAX_MODELS = 200;
const MOST_ITERATIONS = 1_000_000;

const count = z.int().min(1).max(2_147_483_647);

const extras = z
  .strictObject(Object.fromEntries(EXTRAS.map((extra) => [extra, z.boolean().optional()])))
  .describe('What a coding answer brings beside the code where a request does not say.');

const limits = z
  .strictObject({
    max_iterations: count.nullable().optional(),
    max_context_tokens: count.nullable().optional(),
    max_credits: creditAmount.nullable().optional(),
    max_deadline_seconds: count.nullable().optional(),
    models: z.array(modelField).min(1).max(MAX_MODELS).nullable().optional(),
    artefacts: z.boolean().nullable().optional(),
  })
  .describe('For each job of the bot, within the plan. Null: the plan alone says.');

const settings = {
  name: nameText(MAX_NAME_CHARACTERS),
  domain: nameText(MAX_DOMAIN_CHARACTERS)
    .nullable()
    .describe('Where the bot is at home, such as the host of its page.'),
  program: z.enum(PROGRAMS).nullable().describe('How its jobs work. Null: the usual way of its type.'),
  default_model: modelField.describe('Where a request names none.'),
  default_max_iterations: z.int().min(1).max(MOST_ITERATIONS),
  default_max_credits: creditAmount.describe('The budget of a job where a request names none.'),
};

export const newBotBody = z.strictObject({
  type: z.enum(['chat', 'coding']).describe('Never changes.'),
  name: settings.name,
  domain: settings.domain.optional(),
  program: settings.program.optional(),
  default_model: settings.default_model,
  default_max_iterations: settings.default_max_iterations.optional(),
  default_max_credits: settings.default_max_credits.optional(),
  extras: extras.optional(),
  limits: limits.optional(),
});
export type NewBotBody = z.output<typeof newBotBody>;

export const publicationBody = z
  .strictObject({
    purpose_clear: z.boolean().describe('Does a newcomer see what the bot is for?'),
    trained_enough: z.boolean().describe('Was it trained enough by its owner?'),
    results_reviewable: z.boolean().describe('Can results be reviewed before they are passed on?'),
  } satisfies Record<PublicationQuestion, z.ZodType>)
  .describe('Any no keeps the bot private.');
export type PublicationBody = z.output<typeof publicationBody>;

export const changeBotBody = z
  .strictObject({
    name: settings.name.optional(),
    domain: settings.domain.optional(),
    program: settings.program.optional(),
    default_model: settings.default_model.optional(),
    default_max_iterations: settings.default_max_iterations.optional(),
    default_max_credits: settings.default_max_credits.optional(),
    extras: extras.optional(),
    limits: limits.optional(),
    visibility: z.enum(['private', 'public']).optional().describe('Public needs `publication` beside it.'),
    publication: publicationBody.optional(),
  })
  .refine(({ visibility, publication }) => (visibility === 'public') === (publication !== undefined), {
    path: ['publication'],
    message: 'is needed for `visibility` public, and for nothing else',
  });
export type ChangeBotBody = z.output<typeof changeBotBody>;

export const botsQuery = z.strictObject({
  type: z.enum(['chat', 'coding']).optional().describe('Only bots of this type.'),
  include_archived: yesOrNo.optional().describe('Whether archived bots are listed too; false by default.'),
  ...pageShape,
});

const guidePart = z.object({ version: z.int(), bytes: z.int(), tokens: z.int() });

export const botBody = z.object({
  id: z.string(),
  account_id: z.string(),
  type: z.enum(['chat', 'coding']),
  name: z.string(),
  domain: z.string().nullable(),
  program: z.enum([...PROGRAMS, 'reported']).describe('How its jobs work.'),
  default_model: z.string(),
  default_max_iterations: z.int(),
  default_max_credits: credits,
  extras: extrasBody,
  limits: z.object({
    max_iterations: z.int().nullable(),
    max_context_tokens: z.int().nullable(),
    max_credits: credits.nullable(),
    max_deadline_seconds: z.number().nullable(),
    models: z.array(z.string()).nullable(),
    artefacts: z.boolean().nullable(),
  }),
  visibility: z.enum(['private', 'public']),
  publication: z
    .object({ answers: publicationBody, by_role: z.string(), by: z.string(), at: instantText })
    .nullable()
    .describe('What was answered last when the bot went public, by whom and when.'),
  guide: z
    .object(Object.fromEntries(GUIDE_KINDS.map((kind) => [kind, guidePart.nullable()])))
    .describe('What it is told before every request: the present versions, and what they add by our own count.'),
  archived: z.boolean(),
  archived_at: instantText.nullable(),
  created_at: instantText,
  notices: noticesBody,
  facts: factsBody,
});
export type BotBody = z.output<typeof botBody>;

export const botsBody = z.object({ data: z.array(botBody), next_cursor: z.string().nullable() });
export type BotsBody = z.output<typeof botsBody>;

export const publicBotBody = z.object({
  id: z.string(),
  type: z.enum(['chat', 'coding']),
  name: z.string(),
  domain: z.string().nullable(),
  archived: z.boolean().describe('True: it takes no new requests; what was answered can still be read.'),
  notices: noticesBody,
  facts: factsBody,
});
export type PublicBotBody = z.output<typeof publicBotBody>;

export function toBotBody(bot: BotView): BotBody {
  const { limits: of, publication } = bot;
  return {
    id: bot.id,
    account_id: bot.accountId,
    type: bot.type,
    name: bot.name,
    domain: bot.domain,
    program: bot.program ?? usualProgram(bot.type),
    default_model: bot.defaultModel,
    default_max_iterations: bot.defaultMaxIterations,
    default_max_credits: formatCredits(bot.defaultMaxCredits),
    extras: { ...bot.extras },
    limits: {
      max_iterations: of.maxIterations,
      max_context_tokens: of.maxContextTokens,
      max_credits: of.maxCredits === null ? null : formatCredits(of.maxCredits),
      max_deadline_seconds: of.maxDeadlineMs === null ? null : of.maxDeadlineMs / 1_000,
      models: of.models === null ? null : [...of.models],
      artefacts: of.artefacts,
    },
    visibility: bot.visibility,
    publication:
      publication === null
        ? null
        : {
            answers: publication.answers,
            by_role: publication.by.role,
            by: publication.by.id,
            at: instantToText(publication.at),
          },
    guide: Object.fromEntries(GUIDE_KINDS.map((kind) => [kind, bot.guide[kind] ?? null])),
    archived: bot.archivedAt !== null,
    archived_at: bot.archivedAt === null ? null : instantToText(bot.archivedAt),
    created_at: instantToText(bot.createdAt),
    ...beside(bot.type),
  };
}

export function toPublicBotBody({ id, type, name, domain, archived }: PublicBot): PublicBotBody {
  return { id, type, name, domain, archived, ...beside(type) };
}

function beside(type: BotType): Pick<BotBody, 'notices' | 'facts'> {
  return { notices: noticeList(type), facts: factList(type) };
}
