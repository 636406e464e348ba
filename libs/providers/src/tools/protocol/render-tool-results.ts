// Providers room, tools. Skeleton.
import type { CheckReport } from '../checks/check-report.js';
import type { ToolResult } from '../runs/tool-result.js';
import type { ProtocolProblem } from './tool-call.js';

/** All that came of a model's turn. */
export interface TurnOutcome {
  readonly results: readonly ToolResult[];
  readonly problems?: readonly ProtocolProblem[];
  readonly check?: CheckReport;
}

/** For the model's next turn, bounded in size; what is cut is said to be cut. */
export function renderToolResults(turn: TurnOutcome): string {
  throw new Error(`not yet ${turn.results.length}`);
}
