// Domain room. A time in which something of ours or of a provider's is known to have failed, and which steps it hit.
// Loops are judged by it, reviews name it, and what it cost is compensated: by this one rule.
import type { Instant } from '../time/instant.js';

export const INCIDENT_SCOPES = ['provider', 'model', 'region', 'tool', 'all'] as const;
export type IncidentScope = (typeof INCIDENT_SCOPES)[number];

export interface Incident {
  readonly id: string;
  readonly from: Instant;
  /** Null while it lasts. */
  readonly until: Instant | null;
  readonly scope: IncidentScope;
  /** Of the provider, the model, the region or the tool; null where all is concerned. */
  readonly name: string | null;
}

/** Where and when a step ran. */
export interface StepPlace {
  readonly startedAt: Instant;
  readonly endedAt: Instant;
  /** Of its model; null where it asked none. */
  readonly provider: string | null;
  readonly model: string | null;
  /** As its attempts were answered from; none where nobody said. */
  readonly regions: readonly string[];
  /** A tool of ours; null where it ran none, or one of its bot's. */
  readonly ourTool: string | null;
}

/** A step lies in a window when any part of it does. */
export function isConcerned({ from, until, scope, name }: Incident, step: StepPlace): boolean {
  if (step.endedAt < from || (until !== null && step.startedAt >= until)) return false;
  if (scope === 'all') return true;
  return name !== null && namesOf(step, scope).includes(name);
}

function namesOf({ provider, model, regions, ourTool }: StepPlace, scope: Exclude<IncidentScope, 'all'>): unknown[] {
  switch (scope) {
    case 'provider':
      return [provider];
    case 'model':
      return [model];
    case 'region':
      return [...regions];
    case 'tool':
      return [ourTool];
  }
}
