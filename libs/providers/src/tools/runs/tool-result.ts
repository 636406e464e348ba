// Providers room, tools. What a tool answers: a text for the model, and for whoever counts whether it did anything.
import type { ToolName } from '../protocol/tool-call.js';
import type { Refused, ToolErrorClass } from '../workspace/refused.js';
import type { Workspace } from '../workspace/workspace.js';

export interface ToolResult {
  readonly tool: ToolName;
  readonly ok: boolean;
  /** Bounded, and the same for the same call on the same workspace. */
  readonly text: string;
  readonly errorClass?: ToolErrorClass;
  /** Whether the workspace after it differs from the one before. */
  readonly changed: boolean;
}

/** What a tool did: words, and a workspace where it may have changed. */
export type Came = { readonly text: string; readonly workspace?: Workspace } | { readonly refused: Refused };
