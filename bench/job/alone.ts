// Bench room, jobs. One job after the other, each on an idle server: what its history holds once it is closed, and how
// often its worker spoke with the database.
import type { TemporalClient } from '@fairmeter/platform/temporal';
import { withClient } from '@fairmeter/platform/database';
import { median, rounded } from '../measure/percentiles.js';
import type { JobSide } from '../submit/job-side.js';
import type { CountingProxy } from './counting-proxy.js';

/** The ledger's connections, and those for texts and files. What looks for news by the clock is not a step's. */
const CLIENTS_OF_STEPS = ['fairmeter-worker', 'fairmeter-worker-records'] as const;

export interface JobFigures {
  readonly jobs: number;
  readonly events: number;
  readonly historyBytes: number;
  readonly runMs: number;
  /** Round trips of one job from admission to ending, by client. */
  readonly trips: Readonly<Record<(typeof CLIENTS_OF_STEPS)[number], number>>;
}

export interface Looking {
  readonly proxy: CountingProxy;
  readonly temporal: TemporalClient;
  readonly writerUrl: string;
}

export async function lookAtJobs(jobs: JobSide, count: number, looking: Looking): Promise<JobFigures> {
  const ids: string[] = [];
  const times: number[] = [];
  // The first meets empty memories and unplanned statements.
  await one(jobs);
  const before = looking.proxy.counted();
  for (let index = 0; index < count; index += 1) {
    const started = performance.now();
    ids.push(await one(jobs));
    times.push(performance.now() - started);
  }
  const after = looking.proxy.counted();
  const histories = await describe(looking, ids);
  const trips = CLIENTS_OF_STEPS.map((name) => [name, ((after.get(name) ?? 0) - (before.get(name) ?? 0)) / count]);
  return {
    jobs: count,
    events: median(histories.map(({ events }) => events)),
    historyBytes: median(histories.map(({ bytes }) => bytes)),
    runMs: median(times),
    trips: Object.fromEntries(trips) as JobFigures['trips'],
  };
}

export function tripsOf({ trips }: JobFigures): number {
  return CLIENTS_OF_STEPS.reduce((sum, name) => sum + trips[name], 0);
}

export function figuresLine(name: string, steps: number, figures: JobFigures): string {
  const { events, historyBytes, runMs, trips } = figures;
  const byClient = CLIENTS_OF_STEPS.map((client) => `${client} ${rounded(trips[client], 1)}`).join(', ');
  return (
    `${name}: ${events} events, ${historyBytes} bytes of history, ${rounded(runMs, 0)} ms alone; ` +
    `round trips per job: ${byClient}; per step ${rounded(tripsOf(figures) / steps, 2)}`
  );
}

async function one(jobs: JobSide): Promise<string> {
  const { jobId, done } = await jobs.submit();
  await done;
  return jobId;
}

interface HistorySize {
  readonly events: number;
  readonly bytes: number;
}

async function describe({ temporal, writerUrl }: Looking, jobIds: readonly string[]): Promise<readonly HistorySize[]> {
  const workflowIds = await withClient(writerUrl, async (client) => {
    const { rows } = await client.query<{ id: string }>(
      'SELECT workflow_id AS id FROM ledger.jobs WHERE id = ANY($1)',
      [jobIds],
    );
    return rows.map(({ id }) => id);
  });
  return Promise.all(
    workflowIds.map(async (workflowId) => {
      const handle = temporal.client.workflow.getHandle(workflowId);
      // The ledger settles a moment before the workflow closes.
      await handle.result();
      const { historyLength, historySize } = await handle.describe();
      return { events: historyLength, bytes: historySize ?? 0 };
    }),
  );
}
