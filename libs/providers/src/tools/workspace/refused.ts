// Providers room, tools. Why a call changed nothing: a class that can be counted, and words for the model. What broke
// off is our tool's doing, all else the call's.

export const TOOL_ERRORS = [
  'not_found',
  'not_unique',
  'already_exists',
  'invalid_path',
  'invalid_arguments',
  'not_text',
  'too_large',
  'broke_off',
] as const;
export type ToolErrorClass = (typeof TOOL_ERRORS)[number];

export interface Refused {
  readonly errorClass: ToolErrorClass;
  readonly message: string;
}
