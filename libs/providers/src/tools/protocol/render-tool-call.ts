// Providers room, tools. Skeleton.
import type { ToolCall } from './tool-call.js';

export function renderToolCall(call: ToolCall): string {
  throw new Error(`not yet ${call.tool}`);
}
