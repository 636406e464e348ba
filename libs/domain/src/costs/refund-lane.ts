// Domain room. Which lane a refund came by: its key begins with what it was decided by.

export const REFUND_LANES = ['auto', 'support', 'review'] as const;
export type RefundLane = (typeof REFUND_LANES)[number];

const LANE_OF: ReadonlyMap<string, RefundLane> = new Map([
  ['finding', 'auto'],
  ['support', 'support'],
  ['case', 'review'],
]);

export interface RefundOrigin {
  /** Null where a key names no lane. */
  readonly lane: RefundLane | null;
  /** The number of the job's loop finding, where that was the reason. */
  readonly finding: number | null;
}

/** Where another job's loop reached into this one, the key is that job's, and names none of this one's findings. */
const OF_ANOTHER_JOB = /^job_\w+:refund:/;

/** `finding/2` is the automatic refund of the job's second finding, `case/…` what a review restored. */
export function refundOriginOf(refundKey: string): RefundOrigin {
  const own = refundKey.replace(OF_ANOTHER_JOB, '');
  const [by = '', number = ''] = own.split('/');
  const lane = LANE_OF.get(by) ?? null;
  if (own !== refundKey) return { lane, finding: null };
  return { lane, finding: lane === 'auto' && /^[1-9]\d{0,5}$/.test(number) ? Number(number) : null };
}
