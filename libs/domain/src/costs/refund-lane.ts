// Domain room. Which lane a refund came by: its key begins with what it was decided by.

export const REFUND_LANES = ['auto', 'support', 'review'] as const;
export type RefundLane = (typeof REFUND_LANES)[number];

const LANE_OF: ReadonlyMap<string, RefundLane> = new Map([
  ['finding', 'auto'],
  ['support', 'support'],
  ['review', 'review'],
  // As reviews were named before there were any.
  ['case', 'review'],
]);

export interface RefundOrigin {
  /** Null where a key names no lane. */
  readonly lane: RefundLane | null;
  /** The number of the job's loop finding, where that was the reason. */
  readonly finding: number | null;
  /** The compensation or the case that decided it. */
  readonly caseRef: string | null;
}

/** How the ledger names what people decided; the same decision asked for again finds what was posted. */
export function decidedRefundKey(decided: {
  readonly lane: Exclude<RefundLane, 'auto'>;
  readonly caseRef: string;
  readonly round: number;
}): string {
  return `${decided.lane}/${decided.caseRef}/${decided.round}`;
}

/** Where another job's loop reached into this one, the key is that job's, and names none of this one's findings. */
const OF_ANOTHER_JOB = /^job_\w+:refund:/;

/** `finding/2` is the automatic refund of the job's second finding, `review/case_1/1` what a review restored. */
export function refundOriginOf(refundKey: string): RefundOrigin {
  const own = refundKey.replace(OF_ANOTHER_JOB, '');
  const [by = '', reference = ''] = own.split('/');
  const lane = LANE_OF.get(by) ?? null;
  const isOwnFinding = own === refundKey && lane === 'auto' && /^[1-9]\d{0,5}$/.test(reference);
  return {
    lane,
    finding: isOwnFinding ? Number(reference) : null,
    caseRef: lane === null || lane === 'auto' || reference === '' ? null : reference,
  };
}
