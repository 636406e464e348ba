// Domain room. What a bot with an agent of its own may report, and what each kind of it is called here: the step's kind
// and stage, what the card names it, and what the loop detector takes it for.
import { priceOfStep } from '../costs/card-lines.js';
import { unreachable } from '../failures/exhaustive.js';
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import type { ObservedKind } from '../loops/observed-step.js';
import type { RateCard, StepPrice, UnitKind } from '../pricing/rate-card.js';
import { priceOf, unitPriceOf, unpricedUnit } from '../pricing/rate-card.js';
import type { StepFacts } from './facts.js';
import type { Stage, StepKind } from './job.js';

export const REPORTED_KINDS = [
  'model_call',
  'clarification',
  'tool_call',
  'check',
  'preview_build',
  'packaging',
] as const;
export type ReportedKind = (typeof REPORTED_KINDS)[number];

interface Meaning {
  readonly kind: StepKind;
  readonly stage: Stage;
  readonly observed: ObservedKind;
}

const MEANINGS: Readonly<Record<ReportedKind, Meaning>> = {
  model_call: { kind: 'model_call', stage: 'generate', observed: 'model' },
  clarification: { kind: 'clarification', stage: 'clarify', observed: 'clarification' },
  tool_call: { kind: 'tool_call', stage: 'tool', observed: 'tool' },
  check: { kind: 'tool_call', stage: 'check', observed: 'check' },
  preview_build: { kind: 'preview_build', stage: 'preview', observed: 'preview' },
  packaging: { kind: 'packaging', stage: 'package', observed: 'packaging' },
};

export function meaningOf(kind: ReportedKind): Meaning {
  return MEANINGS[kind];
}

export function usesModel(kind: ReportedKind): boolean {
  return kind === 'model_call' || kind === 'clarification';
}

const NAMESPACED = /^(?:tool|service|agent)\./;

/** What the card calls a tool that its bot calls so. */
export function itemOf(kind: ReportedKind, tool: string | null): string {
  switch (kind) {
    case 'check':
      return 'tool.check';
    case 'preview_build':
      return 'preview.build';
    case 'packaging':
      return 'packaging';
    case 'tool_call':
    case 'model_call':
    case 'clarification':
      return NAMESPACED.test(tool ?? '') ? (tool ?? '') : `tool.${tool ?? 'unnamed'}`;
    default:
      return unreachable(kind);
  }
}

/** What the loop detector knows it by: a check or a build that has a name is another one than those of other names. */
export function watchedNameOf(kind: ReportedKind, tool: string | null): string {
  const item = itemOf(kind, tool);
  return tool !== null && (kind === 'check' || kind === 'preview_build') ? `${item}/${tool}` : item;
}

const KINDS_OF_TOOLS: readonly ReportedKind[] = ['tool_call', 'check', 'preview_build'];

/** By what it knows a tool of this name, whoever runs it: an agent of ours by the name alone. */
export function watchedNamesOf(tool: string): readonly string[] {
  return [...new Set([tool, ...KINDS_OF_TOOLS.map((kind) => watchedNameOf(kind, tool))])];
}

export interface ReportedThing {
  readonly kind: ReportedKind;
  readonly model: string | null;
  readonly tool: string | null;
}

/** Of the pinned card. A model that it does not price is refused; a tool that it does not price costs nothing. */
export function priceOfReported(card: RateCard, { kind, model, tool }: ReportedThing): Outcome<StepPrice> {
  if (!usesModel(kind)) return accept(unitPrice(card, itemOf(kind, tool)));
  const price = priceOf(card, model ?? '');
  return price === undefined
    ? refuse({ code: 'model_not_priced', model: model ?? '' })
    : accept({ pricedBy: 'tokens', price });
}

/** The price that a step began with: the card is the same, and the step says what it was. */
export function priceOfBegun(card: RateCard, step: Pick<StepFacts, 'model' | 'tool'>): Outcome<StepPrice> {
  const price = priceOfStep(card, step);
  if (price === 'not_on_card') return refuse({ code: 'model_not_priced', model: step.model ?? '' });
  return accept(price === 'free' ? unitPrice(card, step.tool ?? '') : price);
}

function unitPrice(card: RateCard, item: string): StepPrice {
  return { pricedBy: 'units', price: unitPriceOf(card, item) ?? unpricedUnit(item, unitKindOf(item)) };
}

function unitKindOf(item: string): UnitKind {
  if (item === 'preview.build') return 'build';
  if (item === 'packaging') return 'packaging';
  if (item.startsWith('service.')) return 'service';
  return item.startsWith('agent.') ? 'agent' : 'tool';
}
