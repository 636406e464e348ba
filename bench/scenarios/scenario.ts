// Bench room, scenarios. What every scenario is given, and what it gives back.
import type { OpenState } from '@fairmeter/platform/embedded';
import type { Settings } from '../../apps/cli/src/settings.js';
import type { Terminal } from '../../apps/cli/src/terminal/terminal.js';

export interface ScenarioContext {
  readonly state: OpenState;
  readonly settings: Settings;
  readonly terminal: Terminal;
  /** A smoke test of the bench itself: its figures mean nothing. */
  readonly quick: boolean;
  /** As much as it would be in years: of hours, where a scenario has such a variant. */
  readonly long: boolean;
}

export interface ScenarioResult {
  /** The last line of the bench. */
  readonly summary: Readonly<Record<string, unknown>>;
  /** The page of a full run: settings, every round, the summary. */
  readonly page: readonly string[];
}

export type Scenario = (context: ScenarioContext) => Promise<ScenarioResult>;
