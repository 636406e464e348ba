// Providers room, tools. What a tool answers: a text for the model, and for whoever counts whether it did anything.
import type { ToolName } from '../protocol/tool-call.js';

export const TOOL_ERRORS = [
  'not_found',
  'not_unique',
  'already_exists',
  'invalid_path',
  'invalid_arguments',
  'not_text',
  'too_large',
] as const;
export type ToolErrorClass = (typeof TOOL_ERRORS)[number];

export interface ToolResult {
  readonly tool: ToolName;
  readonly ok: boolean;
  /** Bounded, and the same for the same call on the same workspace. */
  readonly text: string;
  readonly errorClass?: ToolErrorClass;
  /** Whether the workspace after it differs from the one before. */
  readonly changed: boolean;
}

/** Why a workspace refuses a change; becomes the result of the tool that tried. */
export interface Refused {
  readonly errorClass: ToolErrorClass;
  readonly message: string;
}
