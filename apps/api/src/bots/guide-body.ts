// API room. What a bot is told before every request, as its owner writes it and reads it back.
import type { GuideBodies, GuideKind } from '@fairmeter/domain';
import { instantToText } from '@fairmeter/domain';
import type { GuideVersion } from '@fairmeter/records';
import { z } from 'zod';
import { instantText } from '../jobs/job-body.js';
import { freeText, fileText, nameText } from '../requests/texts.js';

const MAX_STACK = 50;
const MAX_STACK_NAME = 100;
const MAX_PURPOSE = 2_000;
const MAX_RULES = 16_000;
const MAX_SNIPPETS = 50;
const MAX_SNIPPET_NAME = 100;
const MAX_SNIPPETS_CHARACTERS = 48_000;

const profile = z.strictObject({
  stack: z
    .array(nameText(MAX_STACK_NAME))
    .max(MAX_STACK)
    .describe('Languages, frameworks and tools with their versions: what answers are written in.'),
  purpose: fileText(MAX_PURPOSE).describe('What the bot is for.'),
});

const styleGuide = z.strictObject({ rules: fileText(MAX_RULES).describe('Rules that answers keep to.') });

const snippets = z.strictObject({
  snippets: z
    .array(z.strictObject({ name: nameText(MAX_SNIPPET_NAME), text: freeText(MAX_SNIPPETS_CHARACTERS) }))
    .max(MAX_SNIPPETS)
    .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'must not name a snippet twice')
    .refine(
      (all) => all.reduce((sum, { text }) => sum + text.length, 0) <= MAX_SNIPPETS_CHARACTERS,
      `must not hold more than ${MAX_SNIPPETS_CHARACTERS} characters together`,
    )
    .describe('What would else be told again with every request. They come first, so that a cache can serve them.'),
});

export const GUIDE_BODIES = { profile, style_guide: styleGuide, snippets } satisfies {
  readonly [K in GuideKind]: z.ZodType<GuideBodies[K]>;
};

const shown = {
  bot_id: z.string(),
  version: z.int().describe('Counts from 1; a job keeps the versions it was admitted with.'),
  bytes: z.int(),
  tokens: z.int().describe('What it adds to every turn of a job, by our own count.'),
  made_at: instantText,
  made_by_role: z.string(),
  made_by: z.string(),
};
export const profileBody = z.object({ ...shown, ...profile.shape });
export const styleGuideBody = z.object({ ...shown, ...styleGuide.shape });
export const snippetsBody = z.object({ ...shown, ...snippets.shape });

export const guideQuery = z.strictObject({
  version: z
    .string()
    .regex(/^[1-9]\d{0,8}$/, 'must be a whole number from 1')
    .transform(Number)
    .optional()
    .describe('An earlier one; the latest by default.'),
});

type Shown = { readonly [K in keyof typeof shown]: z.output<(typeof shown)[K]> };

export function toGuideBody<K extends GuideKind>(botId: string, guide: GuideVersion<K>): Shown & GuideBodies[K] {
  return {
    bot_id: botId,
    version: guide.version,
    bytes: guide.bytes,
    tokens: guide.tokens,
    made_at: instantToText(guide.madeAt),
    made_by_role: guide.madeBy.role,
    made_by: guide.madeBy.id,
    ...guide.body,
  };
}
