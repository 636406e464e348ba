// Simulation, jobs. What a person asked for on the command line.
export interface JobsWish {
  readonly from: number;
  readonly to: number;
  readonly atOnce: number;
}

export const JOBS_USAGE = `usage: npm run simulate -- --jobs (--seed N | --seeds N [--from M]) [--at-once K]
  --seed N     one whole job: everything that is drawn follows from it
  --seeds N    so many jobs, from seed 1 or M on; 10000 is the long variant
  --at-once K  how many of them side by side, 40 where nothing is said`;

const AT_ONCE = 40;
const FLAGS = ['--seed', '--seeds', '--from', '--at-once'];

/** Undefined where it cannot be understood. */
export function readJobsWish(args: readonly string[]): JobsWish | undefined {
  const numbers = new Map<string, number>();
  for (let index = 0; index < args.length; index++) {
    const flag = args[index] ?? '';
    if (flag === '--jobs') continue;
    const value = args[++index] ?? '';
    if (!FLAGS.includes(flag) || !/^[1-9]\d{0,8}$/.test(value)) return undefined;
    numbers.set(flag, Number(value));
  }
  const [seed, seeds, from = 1, atOnce = AT_ONCE] = FLAGS.map((flag) => numbers.get(flag));
  if ((seed === undefined) === (seeds === undefined)) return undefined;
  if (seed !== undefined) return numbers.has('--from') ? undefined : { from: seed, to: seed, atOnce };
  return { from, to: from + (seeds ?? 1) - 1, atOnce };
}
