// Bench room, jobs. The memory of a worker that has many jobs open: as many as it has slots wait for their provider,
// the others for a slot.
import { setTimeout as sleep } from 'node:timers/promises';
import { withClient } from '@fairmeter/platform/database';
import { processorMs, residentMb } from '../measure/processes.js';
import type { JobSide } from '../submit/job-side.js';
import type { MeasuredWorker } from './measured-worker.js';

const SUBMITTED_AT_ONCE = 8;
const ALL_OPEN_WITHIN_MS = 120_000;

export interface OpenJobs {
  readonly jobs: number;
  readonly beforeMb: number;
  readonly openMb: number;
  /** What keeping them open costs: processor milliseconds of the worker per second. */
  readonly workerMsPerSecond: number;
}

export interface OpenJobsWish {
  readonly jobs: number;
  readonly watchMs: number;
  readonly writerUrl: string;
}

export async function measureOpenJobs(jobs: JobSide, worker: MeasuredWorker, wish: OpenJobsWish): Promise<OpenJobs> {
  const { pid } = worker.process;
  const beforeMb = residentMb(pid);
  let left = wish.jobs;
  const submitter = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      // None of them ends while anybody looks.
      (await jobs.submit()).done.catch(() => undefined);
    }
  };
  await Promise.all(Array.from({ length: SUBMITTED_AT_ONCE }, submitter));
  await untilAllOpen(wish);
  const spentBefore = processorMs(pid, false) ?? 0;
  const highest = { mb: 0 };
  const started = performance.now();
  while (performance.now() - started < wish.watchMs) {
    highest.mb = Math.max(highest.mb, residentMb(pid));
    await sleep(250);
  }
  const spent = (processorMs(pid, false) ?? 0) - spentBefore;
  return {
    jobs: wish.jobs,
    beforeMb,
    openMb: highest.mb,
    workerMsPerSecond: (spent * 1000) / (performance.now() - started),
  };
}

async function untilAllOpen({ jobs, writerUrl }: OpenJobsWish): Promise<void> {
  const deadline = performance.now() + ALL_OPEN_WITHIN_MS;
  await withClient(writerUrl, async (client) => {
    for (;;) {
      const { rows } = await client.query<{ open: string }>(
        'SELECT count(*) AS open FROM ledger.jobs WHERE ended_at IS NULL',
      );
      const open = Number(rows[0]?.open ?? 0);
      if (open === jobs) return;
      if (performance.now() > deadline) throw new Error(`only ${open} of ${jobs} jobs are open`);
      await sleep(500);
    }
  });
}
