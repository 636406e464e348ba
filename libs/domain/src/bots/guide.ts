// Domain room. What a bot is told before every request: its snippets, its profile and its style guide, in versions.
// Snippets come first, as they are the longest and change least: what stays the same at the beginning of every request
// is what a provider's cache can serve.

export const GUIDE_KINDS = ['snippets', 'profile', 'style_guide'] as const;
export type GuideKind = (typeof GUIDE_KINDS)[number];

export interface Snippet {
  readonly name: string;
  readonly text: string;
}

export interface Profile {
  /** Languages, frameworks and tools, with their versions: what an answer is written in. */
  readonly stack: readonly string[];
  /** What the bot is for. */
  readonly purpose: string;
}

export interface StyleGuide {
  readonly rules: string;
}

export interface GuideBodies {
  readonly snippets: { readonly snippets: readonly Snippet[] };
  readonly profile: Profile;
  readonly style_guide: StyleGuide;
}

/** A version of one of them and what it adds to a request; by our own count. */
export interface GuidePart {
  readonly version: number;
  readonly bytes: number;
  readonly tokens: number;
}

/** What a bot has now; none of them has to be there. */
export type BotGuide = { readonly [K in GuideKind]?: GuidePart };

export const NO_GUIDE: BotGuide = {};

/** What it comes to, in front of every request. */
export function guideSize(guide: BotGuide): { readonly bytes: number; readonly tokens: number } {
  return GUIDE_KINDS.reduce(
    (sum, kind) => ({
      bytes: sum.bytes + (guide[kind]?.bytes ?? 0),
      tokens: sum.tokens + (guide[kind]?.tokens ?? 0),
    }),
    { bytes: 0, tokens: 0 },
  );
}

export type GuideVersions = { readonly [K in GuideKind]: number | null };

/** Null where there are none: most bots have none, and nothing is kept of their jobs. */
export function guideVersions(guide: BotGuide): GuideVersions | null {
  const { profile, style_guide: style, snippets } = guide;
  if (profile === undefined && style === undefined && snippets === undefined) return null;
  return {
    profile: profile?.version ?? null,
    style_guide: style?.version ?? null,
    snippets: snippets?.version ?? null,
  };
}

type Writers = { readonly [K in GuideKind]: (body: GuideBodies[K]) => readonly string[] };

const WRITERS: Writers = {
  snippets: ({ snippets }) => snippets.map(({ name, text }) => `Snippet "${name}":\n${text}`),
  profile: ({ purpose, stack }) => [
    ...(purpose === '' ? [] : [`What this is for: ${purpose}`]),
    ...(stack.length === 0 ? [] : [`Write for this stack and for no other: ${stack.join(', ')}.`]),
  ],
  style_guide: ({ rules }) => (rules === '' ? [] : [`Rules of style:\n${rules}`]),
};

/** As it stands in front of what our agent is told; parts put one behind the other in the order of their kinds. */
export function guideText<K extends GuideKind>(kind: K, body: GuideBodies[K]): string {
  return WRITERS[kind](body)
    .map((said) => `${said}\n\n`)
    .join('');
}
