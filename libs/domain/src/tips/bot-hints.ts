// Domain room. What an owner may do about what a bot spends. What makes its tasks better comes first, for that is what
// lowers the cost; more credits and a larger plan are offered last, and only where the bot spends a lot.
import type { BotType } from '../jobs/job.js';
import type { BotGuide, GuideKind } from '../bots/guide.js';
import { EXTRAS, type Extras } from '../jobs/extras.js';
import type { MicroCredits } from '../amounts/micro-credits.js';
import type { Meters } from '../metering/meters.js';
import type { Tip, TipRule } from './tips.js';
import { tipsOf } from './tips.js';

/** Of the jobs of a bot over a stretch of time, and of how it is set up now. */
export interface BotMeasures {
  readonly jobs: number;
  /** What is read at the full price, by call. */
  readonly inputTokensPerCall: number;
  /** What it is told before every request, and not as an empty text. */
  readonly told: Readonly<Record<GuideKind, boolean>>;
  /** Extras that its answers bring where a request does not say. */
  readonly extrasOn: number;
  /** What its owner paid for it, among that and what the owner has left. */
  readonly spentPercent: number;
}

export const QUALITY_HINT_CODES = [
  'shorten_prompts',
  'add_snippets',
  'write_style_rules',
  'write_profile',
  'fewer_extras',
] as const;
export const OFFER_HINT_CODES = ['buy_credits', 'upgrade_plan'] as const;
export type QualityHintCode = (typeof QUALITY_HINT_CODES)[number];
export type OfferHintCode = (typeof OFFER_HINT_CODES)[number];
export type BotHintCode = QualityHintCode | OfferHintCode;

export interface BotHint extends Tip<BotHintCode> {
  readonly kind: 'quality' | 'offer';
}

const without =
  (kind: GuideKind) =>
  ({ jobs, told }: BotMeasures): number =>
    told[kind] ? 0 : jobs;

/** The one table of thresholds, in the order in which the hints are given. */
const QUALITY_HINTS: readonly TipRule<BotMeasures, QualityHintCode>[] = [
  {
    code: 'shorten_prompts',
    measure: 'input_tokens_per_call',
    from: 4_000,
    figure: ({ inputTokensPerCall }) => inputTokensPerCall,
  },
  { code: 'add_snippets', measure: 'jobs_without_snippets', from: 5, figure: without('snippets') },
  { code: 'write_style_rules', measure: 'jobs_without_style_guide', from: 5, figure: without('style_guide') },
  { code: 'write_profile', measure: 'jobs_without_profile', from: 1, figure: without('profile') },
  { code: 'fewer_extras', measure: 'extras_on', from: 4, figure: ({ jobs, extrasOn }) => (jobs === 0 ? 0 : extrasOn) },
];

const OFFER_HINTS: readonly TipRule<BotMeasures, OfferHintCode>[] = [
  { code: 'buy_credits', measure: 'spent_percent', from: 50, figure: ({ spentPercent }) => spentPercent },
  { code: 'upgrade_plan', measure: 'spent_percent', from: 80, figure: ({ spentPercent }) => spentPercent },
];

export function botHints(measured: BotMeasures): readonly BotHint[] {
  return [
    ...tipsOf(QUALITY_HINTS, measured).map((hint) => ({ ...hint, kind: 'quality' as const })),
    ...tipsOf(OFFER_HINTS, measured).map((hint) => ({ ...hint, kind: 'offer' as const })),
  ];
}

export interface BotToMeasure {
  readonly type: BotType;
  readonly guide: BotGuide;
  readonly extras: Extras;
  readonly jobs: number;
  readonly used: Meters;
  /** By its owner, not by visitors. */
  readonly spent: MicroCredits;
  readonly available: MicroCredits;
}

export function measureBot({ type, guide, extras, jobs, used, spent, available }: BotToMeasure): BotMeasures {
  const all = spent + available;
  return {
    jobs,
    inputTokensPerCall: used.calls === 0 ? 0 : Math.floor((used.input + used.cacheWrite) / used.calls),
    told: { snippets: says(guide.snippets), profile: says(guide.profile), style_guide: says(guide.style_guide) },
    extrasOn: type === 'chat' ? 0 : EXTRAS.filter((extra) => extras[extra]).length,
    spentPercent: spent <= 0n || all <= 0n ? 0 : Number((100n * spent) / all),
  };
}

function says(part: BotGuide[GuideKind]): boolean {
  return part !== undefined && part.bytes > 0;
}
