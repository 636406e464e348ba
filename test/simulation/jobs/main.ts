// Simulation, jobs. The entry behind `npm run simulate -- --jobs`, which has started the servers. Plays the seeds in
// batches, each on a database of its own; a failure names each seed and how to repeat it alone.
import { Chance } from '../chance.js';
import { SimulationFailure } from '../world.js';
import { JobsStage } from './jobs-stage.js';
import { playJobs } from './play-jobs.js';
import { JOBS_USAGE, readJobsWish, type JobsWish } from './wish.js';

/** The audit after a batch is over all that its ledger ever wrote: a long run stays as quick as a short one. */
const SEEDS_OF_A_LEDGER = 500;

// What is said goes to standard error: whoever starts the servers keeps standard output in a log.
const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

async function play({ from, to, atOnce }: JobsWish): Promise<void> {
  const totals = new Map<string, number>();
  for (let first = from; first <= to; first += SEEDS_OF_A_LEDGER) {
    const last = Math.min(to, first + SEEDS_OF_A_LEDGER - 1);
    const seeds = Array.from({ length: last - first + 1 }, (_, index) => first + index);
    const began = performance.now();
    const stage = await JobsStage.open();
    try {
      stage.harm(new Chance(first).of('wire'));
      const endings = await playJobs(stage, { seeds, atOnce, say });
      for (const [ending, count] of endings) totals.set(ending, (totals.get(ending) ?? 0) + count);
    } finally {
      await stage.close();
    }
    say(`seeds ${first} to ${last} hold, ${Math.round((performance.now() - began) / 1_000)} s, ${stage.tell()}`);
  }
  say([...totals].map(([ending, count]) => `${count} ${ending}`).join(', '));
}

async function main(): Promise<number> {
  const wish = readJobsWish(process.argv.slice(2));
  if (wish === undefined) {
    say(JOBS_USAGE);
    return 2;
  }
  try {
    await play(wish);
  } catch (error) {
    if (!(error instanceof SimulationFailure)) throw error;
    say(error.message);
    const failed = new Set([...error.message.matchAll(/^seed (\d+),/gm)].map(([, seed]) => String(seed)));
    for (const seed of failed) say(`repeat it: npm run simulate -- --jobs --seed ${seed}`);
    return 1;
  }
  say(`seeds ${wish.from} to ${wish.to} hold`);
  return 0;
}

process.exitCode = await main();
