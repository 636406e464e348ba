// Domain room. A hold is what a job has set aside: lines on lots, each with what is still held and what was captured.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, ZERO } from '../amounts/micro-credits.js';

export type HoldState = 'held' | 'settled' | 'released';

export interface HoldLine {
  readonly lineNo: number;
  readonly lotId: string;
  /** Still set aside on the lot. */
  readonly held: MicroCredits;
  readonly captured: MicroCredits;
}

export interface Hold {
  readonly id: string;
  readonly jobId: string;
  readonly state: HoldState;
  readonly lines: readonly HoldLine[];
}

export function heldOf(hold: Hold): MicroCredits {
  return add(ZERO, ...hold.lines.map((line) => line.held));
}

export function capturedOf(hold: Hold): MicroCredits {
  return add(ZERO, ...hold.lines.map((line) => line.captured));
}
