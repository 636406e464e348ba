// Bench room, measuring. Nearest-rank percentiles of raw samples: no buckets, no interpolation, nothing thrown away.

export function percentile(samples: readonly number[], percent: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  const value = sorted[rank - 1];
  if (value === undefined) throw new Error('there are no samples');
  return value;
}

/** The middle one; of an even number the mean of the two in the middle. */
export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  if (upper === undefined || lower === undefined) throw new Error('there are no samples');
  return (upper + lower) / 2;
}

export function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
