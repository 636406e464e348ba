// Domain room. How much a thread has its models read, message after message: what was said before is read again each
// time, so a long thread costs more with every message.

/** What the models read for one job of a thread. */
export interface ThreadReading {
  readonly readTokens: number;
}

export const TREND_DIRECTIONS = ['growing', 'steady', 'falling', 'unknown'] as const;
export type TrendDirection = (typeof TREND_DIRECTIONS)[number];

export interface ThreadTrend {
  readonly direction: TrendDirection;
  /** The later half beside the earlier one; null where there is too little to compare. */
  readonly percent: number | null;
}

/** Two halves of fewer would say nothing. */
const JOBS_TO_COMPARE = 4;
const GROWS_FROM_PERCENT = 125;
const FALLS_TO_PERCENT = 80;

/** Of the jobs in their order, the oldest first; those that read nothing, for they did not run, are left out. */
export function trendOf(jobs: readonly ThreadReading[]): ThreadTrend {
  const read = jobs.map(({ readTokens }) => readTokens).filter((tokens) => tokens > 0);
  if (read.length < JOBS_TO_COMPARE) return { direction: 'unknown', percent: null };
  const middle = Math.floor(read.length / 2);
  const percent = Math.floor((100 * average(read.slice(-middle))) / average(read.slice(0, middle)));
  return { direction: directionOf(percent), percent };
}

function directionOf(percent: number): TrendDirection {
  if (percent >= GROWS_FROM_PERCENT) return 'growing';
  return percent <= FALLS_TO_PERCENT ? 'falling' : 'steady';
}

function average(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
