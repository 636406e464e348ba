// Domain room. A hold is what a job has set aside: lines on lots, each with what is still held and what was captured.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, subtract, ZERO } from '../amounts/micro-credits.js';
import type { HoldCounter } from './counter.js';
import type { Payer } from './payer.js';
import type { LimitRef } from './terms.js';

export type HoldState = 'held' | 'settled' | 'released';

export interface HoldLine {
  readonly lineNo: number;
  readonly lotId: string;
  /** Still set aside on the lot. */
  readonly held: MicroCredits;
  readonly captured: MicroCredits;
  /** Given back of what was captured. */
  readonly reversed: MicroCredits;
}

export interface Hold {
  readonly id: string;
  readonly jobId: string;
  readonly state: HoldState;
  /** Which lots it may draw on, for as long as it lives. */
  readonly payer: Payer;
  readonly limitRefs: readonly LimitRef[];
  readonly lines: readonly HoldLine[];
  readonly counters: readonly HoldCounter[];
}

export function heldOf(hold: Hold): MicroCredits {
  return add(ZERO, ...hold.lines.map((line) => line.held));
}

export function capturedOf(hold: Hold): MicroCredits {
  return add(ZERO, ...hold.lines.map((line) => line.captured));
}

/** What a refund may still take: captured and not given back yet (`refund.at-most-charged`). */
export function refundableOf(line: HoldLine): MicroCredits {
  return subtract(line.captured, line.reversed);
}
