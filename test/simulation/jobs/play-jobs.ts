// Simulation, jobs. Many stories side by side on one stack: each is an account of its own, so that only the machine
// interleaves them. Every story is judged when it has ended, the whole ledger when all have.
import { auditLedger, describeAudit } from '@fairmeter/ledger';
import { SimulationFailure } from '../world.js';
import { differencesOf } from './judge.js';
import type { JobsStage } from './jobs-stage.js';
import type { PlayedJob } from './played-job.js';
import { playJob } from './player.js';
import { drawStory } from './story.js';

export interface JobsPlay {
  readonly seeds: readonly number[];
  readonly atOnce: number;
  readonly say: (line: string) => void;
}

/** How often stories ended for which reason: a run that never met one of them has shown nothing about it. */
export type Endings = ReadonlyMap<string, number>;

export async function playJobs(stage: JobsStage, { seeds, atOnce, say }: JobsPlay): Promise<Endings> {
  const endings = new Map<string, number>();
  const failed: string[] = [];
  const left = [...seeds];
  let done = 0;
  const player = async (): Promise<void> => {
    for (let seed = left.shift(); seed !== undefined; seed = left.shift()) {
      const played = await playJob(stage, drawStory(seed));
      if (played.jobId !== null) await stage.losses.quiet(played.jobId);
      failed.push(...(await differencesOf(stage, played)).map((text) => `seed ${seed}, job ${played.jobId}: ${text}`));
      stage.forget(played);
      const ending = endingOf(played);
      endings.set(ending, (endings.get(ending) ?? 0) + 1);
      done += 1;
      if (done % SAID_EVERY === 0) say(`${done}/${seeds.length} jobs  ${stage.tell()}`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, seeds.length) }, player));
  await stage.losses.quiet();
  const report = await auditLedger(stage.stack.writer);
  if (!report.holds) failed.push(...describeAudit(report));
  if (failed.length > 0) throw new SimulationFailure(failed.join('\n'));
  return endings;
}

const SAID_EVERY = 50;

function endingOf({ result, refusedWith }: PlayedJob): string {
  if (refusedWith !== null) return `refused ${refusedWith}`;
  return result?.outcome === 'ended' ? result.reason : String(result?.outcome);
}
