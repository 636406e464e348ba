// Ledger room, read side. As much of a job as its tips are told by: without what its steps were paid from, and without
// building entities, since many long jobs are read one after the other.
import type { MeasuredJob, Meters } from '@fairmeter/domain';
import { groupBy } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import { JobRow } from '../rows/job.row.js';
import { readFindings } from './job-cost.reads.js';
import type { JobView } from './job-views.js';

export interface MeasuredJobView extends MeasuredJob {
  readonly job: JobView;
}

type MeasuredStep = MeasuredJob['steps'][number];
type MeasuredAttempt = MeasuredStep['attempts'][number];

/** Null where the ledger does not know it. */
export async function readMeasuredJob(tx: EntityManager, jobId: string): Promise<MeasuredJobView | null> {
  const job = await tx.getRepository(JobRow).findOneBy({ id: jobId });
  if (job === null) return null;
  const steps = await tx.query<Omit<MeasuredStep, 'attempts'>[]>(
    `SELECT ordinal, kind, stage, charge_class AS "chargeClass", model, verdict FROM ledger.steps
     WHERE job_id = $1 ORDER BY ordinal`,
    [jobId],
  );
  const attempts = groupBy(await readMeasuredAttempts(tx, jobId), ({ ordinal }) => ordinal);
  return {
    job,
    steps: steps.map((step) => ({ ...step, attempts: attempts.get(step.ordinal) ?? [] })),
    findings: await readFindings(tx, jobId),
  };
}

interface AttemptOfStep extends MeasuredAttempt {
  readonly ordinal: number;
}

/** Counts, which fit a number; as such they come ready to be used. */
const METERS = [
  'input_tokens::float8 AS input',
  'cached_input_tokens::float8 AS "cachedInput"',
  'cache_write_tokens::float8 AS "cacheWrite"',
  'output_tokens::float8 AS output',
  'reasoning_tokens::float8 AS reasoning',
  'system_tokens::float8 AS system',
  'calls',
  'milliseconds::float8 AS milliseconds',
  'bytes::float8 AS bytes',
].join(', ');

async function readMeasuredAttempts(tx: EntityManager, jobId: string): Promise<AttemptOfStep[]> {
  const rows = await tx.query<(Omit<AttemptOfStep, 'meters'> & Meters)[]>(
    `SELECT ordinal, number AS attempt, state, charge_class AS "chargeClass", fault, ${METERS}
     FROM ledger.attempts WHERE job_id = $1 ORDER BY ordinal, number`,
    [jobId],
  );
  return rows.map(({ ordinal, attempt, state, chargeClass, fault, ...meters }) => ({
    ...{ ordinal, attempt, state, chargeClass, fault, meters },
  }));
}
