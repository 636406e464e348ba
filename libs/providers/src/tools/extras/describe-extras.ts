// Providers room, tools. Skeleton.
import type { Extras } from './extras.js';

/** What a prompt must ask for, and what it must say to leave out. */
export interface ExtrasWords {
  readonly askFor: readonly string[];
  readonly leaveOut: readonly string[];
  /** Both as the paragraph of a system text. */
  readonly text: string;
}

export function describeExtras(extras: Extras): ExtrasWords {
  throw new Error(`not yet ${String(extras.zip)}`);
}
