// Providers room, tools. Skeleton.
import type { ParsedAnswer } from './tool-call.js';

export function parseToolCalls(answer: string): ParsedAnswer {
  throw new Error(`not yet ${answer}`);
}
