// Providers room, tools. What is asked of a tool that works in a thread of its own, and what it answers: plain values
// that can be copied from one thread to the other.
import type { CodeLimits } from '../bundler/check-limits.js';
import type { BuildReport, CheckFault, CheckReport } from '../checks/check-report.js';
import type { ToolCall } from '../protocol/tool-call.js';
import type { ToolResult } from '../runs/tool-result.js';

export type SearchCall = Extract<ToolCall, { readonly tool: 'search' }>;

export interface ToolTasks {
  readonly check: { readonly limits: CodeLimits };
  readonly build: { readonly limits: CodeLimits };
  readonly search: { readonly call: SearchCall };
}

export interface ToolAnswers {
  readonly check: CheckReport;
  readonly build: BuildReport;
  readonly search: ToolResult;
}

export type TaskName = keyof ToolTasks;

export type ToolTask = { [Name in TaskName]: { readonly name: Name } & ToolTasks[Name] }[TaskName];

/** One turn of the thread. */
export interface Turn {
  readonly task: ToolTask;
  /** The files to work on; absent where they are those of the turn before. */
  readonly files?: readonly (readonly [path: string, text: string])[];
}

/** A tool that died or was ended at its time has no answer, and the files have no part in that. */
export type Came<Name extends TaskName> =
  { readonly kind: 'answered'; readonly answer: ToolAnswers[Name] } | { readonly kind: CheckFault };
