// Ledger room, read side. What a reader asks about usage, and what it gets: domain types, no wire forms.
import type {
  BotType,
  Environment,
  Funding,
  Instant,
  JobMarker,
  RequestKind,
  UsageFigures,
  UsageGrouping,
} from '@fairmeter/domain';

/** Only what fits all that are there. */
export interface UsageFilter {
  readonly botId?: string | undefined;
  readonly botType?: BotType | undefined;
  readonly requestKind?: RequestKind | undefined;
  /** The model that was asked; what no model did is of none. */
  readonly model?: string | undefined;
  readonly threadId?: string | undefined;
  readonly funding?: Funding | undefined;
  readonly campaignId?: string | undefined;
  readonly marker?: JobMarker | undefined;
  readonly artefact?: boolean | undefined;
}

export interface UsageQuery extends UsageFilter {
  readonly environment: Environment;
  /** Whose requests alone; left out, everybody's. */
  readonly person?: string | undefined;
  readonly from: Instant;
  /** Not included. */
  readonly to: Instant;
  /** None, one or two, all different. */
  readonly groupings: readonly UsageGrouping[];
  /** Beginnings of the days, rising, the first not after `from`. Only grouping by day reads them. */
  readonly days: readonly Instant[];
  /** How many rows the answer may have; the rest is known by the total. */
  readonly limit: number;
}

export interface UsageRow extends UsageFigures {
  /** One for each grouping, in its order: null is what has none, a day is its number in `days`. */
  readonly keys: readonly (string | null)[];
}

export interface UsageView {
  readonly total: UsageFigures;
  /** The dearest first; by day the newest day first. */
  readonly rows: readonly UsageRow[];
  /** How many rows there are, shown or not. */
  readonly groups: number;
}
