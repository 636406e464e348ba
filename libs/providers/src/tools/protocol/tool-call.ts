// Providers room, tools. The calls a model can make. None of them reaches a budget, a payer or anything outside the
// workspace: whatever a prompt or a file asks for, there is no word for it here.

export const TOOL_NAMES = ['list', 'read', 'search', 'write', 'patch', 'delete', 'move', 'ask', 'done'] as const;
export type ToolName = (typeof TOOL_NAMES)[number];

export interface Hunk {
  readonly old: string;
  readonly new: string;
}

export type ToolCall =
  | { readonly tool: 'list'; readonly path?: string }
  | { readonly tool: 'read'; readonly path: string; readonly from?: number; readonly to?: number }
  | { readonly tool: 'search'; readonly query: string; readonly kind: 'literal' | 'regex'; readonly path?: string }
  | { readonly tool: 'write'; readonly path: string; readonly content: string }
  | { readonly tool: 'patch'; readonly path: string; readonly hunks: readonly Hunk[] }
  | { readonly tool: 'delete'; readonly path: string }
  | { readonly tool: 'move'; readonly from: string; readonly to: string }
  | { readonly tool: 'ask'; readonly question: string }
  | { readonly tool: 'done'; readonly summary: string };

export type ProtocolProblemCode =
  | 'unknown_tool'
  | 'unknown_argument'
  | 'repeated_argument'
  | 'missing_argument'
  | 'invalid_argument'
  | 'misplaced_mark'
  | 'unclosed_call'
  | 'too_many_calls';

/** A call that was named but cannot be made: the model is told, nothing of it is carried out. */
export interface ProtocolProblem {
  readonly code: ProtocolProblemCode;
  /** Of the answer, from 1. */
  readonly line: number;
  /** Bounded, whatever the answer holds: what is repeated of it is paid for again in the next turn. */
  readonly message: string;
}

/** No message of a problem has more characters. */
export const PROBLEM_CHARACTERS = 200;

export interface ParsedAnswer {
  readonly calls: readonly ToolCall[];
  /** What stands around the calls, in order. */
  readonly prose: string;
  readonly problems: readonly ProtocolProblem[];
}
