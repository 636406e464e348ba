// Ledger room, read side. What could still be refunded of jobs, read without a lock: for previews. Whoever posts is
// told under the scope's lock what is left then. Read by processes of ours, never by a tenant.
import type { Instant, JobFacts, MicroCredits, RefundableFacts, StepFacts } from '@fairmeter/domain';
import { groupBy, instantOfDate, parseMicroCredits } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import { In } from 'typeorm';
import { HoldLineRow, HoldRow } from '../rows/hold.row.js';
import { JobRow } from '../rows/job.row.js';
import { LoopFindingRow } from '../rows/loop-finding.row.js';
import { sharesOf } from '../store/shares.js';
import type { JobView } from './job-views.js';
import type { ThreadName } from './thread.reads.js';

type RefundableJobView = JobView & Pick<JobFacts, 'minimumPaidFrom'>;

export type RefundableStepView = Pick<
  StepFacts,
  'jobId' | 'ordinal' | 'kind' | 'state' | 'chargeClass' | 'charge' | 'paidFrom'
>;

export interface RefundableView extends RefundableFacts<RefundableJobView, RefundableStepView> {
  readonly job: RefundableJobView;
}

/** Those that the ledger does not know are missing. */
export async function readRefundable(
  tx: EntityManager,
  jobIds: readonly string[],
): Promise<ReadonlyMap<string, RefundableView>> {
  const ids = In([...jobIds]);
  const jobs = await tx.getRepository(JobRow).findBy({ id: ids });
  const steps = await readRefundableSteps(tx, jobIds);
  const holds = await tx.getRepository(HoldRow).findBy({ jobId: ids });
  const lines = await tx.getRepository(HoldLineRow).findBy({ holdId: In(holds.map(({ id }) => id)) });
  const stepsOf = groupBy(steps, ({ jobId }) => jobId);
  const linesOf = groupBy(lines, ({ holdId }) => holdId);
  const holdOf = new Map(holds.map(({ id, jobId }) => [jobId, { lines: linesOf.get(id) ?? [] }]));
  return new Map(
    jobs.map((job) => [job.id, { job, hold: holdOf.get(job.id) ?? null, steps: stepsOf.get(job.id) ?? [] }]),
  );
}

interface RefundableStepRow {
  readonly job_id: string;
  readonly ordinal: number;
  readonly kind: StepFacts['kind'];
  readonly state: StepFacts['state'];
  readonly charge_class: StepFacts['chargeClass'];
  readonly charge: string;
  readonly paid_from: unknown;
}

/** In the order of each job. The columns it takes, without building entities: a thread may have very many steps. */
async function readRefundableSteps(tx: EntityManager, jobIds: readonly string[]): Promise<RefundableStepView[]> {
  const rows = await tx.query<RefundableStepRow[]>(
    `SELECT job_id, ordinal, kind, state, charge_class, charge::text, paid_from FROM ledger.steps
     WHERE job_id = ANY ($1) ORDER BY job_id, ordinal`,
    [jobIds],
  );
  return rows.map((row) => ({
    jobId: row.job_id,
    ordinal: row.ordinal,
    kind: row.kind,
    state: row.state,
    chargeClass: row.charge_class,
    charge: parseMicroCredits(row.charge),
    paidFrom: sharesOf(row.paid_from),
  }));
}

/** What came back of each so far, by whichever lane. */
export async function readRefunded(
  tx: EntityManager,
  jobIds: readonly string[],
): Promise<ReadonlyMap<string, MicroCredits>> {
  const rows = await tx.query<{ id: string; refunded: string }[]>(
    'SELECT id, refunded::text FROM ledger.jobs WHERE id = ANY ($1)',
    [jobIds],
  );
  return new Map(rows.map(({ id, refunded }) => [id, parseMicroCredits(refunded)]));
}

/** By their ids, which is as they were asked for. */
export async function readThreadJobIds(
  tx: EntityManager,
  { botId, threadId, somebody }: ThreadName,
): Promise<readonly string[]> {
  const rows = await tx.query<{ id: string }[]>(
    `SELECT id FROM ledger.jobs WHERE bot_id = $1 AND thread_id = $2
       AND CASE WHEN requester_kind IN ('person', 'visitor') THEN requester_id END IS NOT DISTINCT FROM $3
     ORDER BY id`,
    [botId, threadId, somebody],
  );
  return rows.map(({ id }) => id);
}

/** The steps that a loop repeated, by their jobs: most loops stay in one, those of a thread may not. */
export async function readRepeats(
  tx: EntityManager,
  { jobId, finding: number }: { readonly jobId: string; readonly finding: number },
): Promise<ReadonlyMap<string, readonly number[]>> {
  const found = await tx.getRepository(LoopFindingRow).findOneBy({ jobId, number });
  const repeats = groupBy(found?.evidence.repeats ?? [], (step) => step.jobId);
  return new Map([...repeats].map(([id, steps]) => [id, steps.map(({ ordinal }) => ordinal)]));
}

/** No step is open for longer: what began earlier than that before a time did not run in it. */
const LONGEST_STEP_MS = 86_400_000;

export interface RanStepView {
  readonly jobId: string;
  readonly ordinal: number;
  readonly startedAt: Instant;
  readonly endedAt: Instant;
  readonly rateCardId: string;
  readonly model: string | null;
  /** Null where it is a tool of the bot's own, which no incident of ours is about. */
  readonly ourTool: string | null;
  readonly regions: readonly string[];
}

export interface RanQuery {
  readonly from: Instant;
  readonly until: Instant;
  /** The last job seen; null begins. */
  readonly after: string | null;
  readonly jobs: number;
}

/** Steps of which any part lies in that time, of some jobs in the order of their ids. */
export async function readStepsRanIn(tx: EntityManager, query: RanQuery): Promise<readonly RanStepView[]> {
  const { from, until, after, jobs } = query;
  const rows = await tx.query<RanStepRow[]>(
    `WITH ran AS (
       SELECT s.job_id, s.ordinal, s.started_at, s.ended_at, s.model, s.tool FROM ledger.steps s
       WHERE s.started_at >= $1 AND s.started_at < $3 AND s.ended_at >= $2 AND ($4::text IS NULL OR s.job_id > $4)),
     page AS (SELECT DISTINCT job_id FROM ran ORDER BY job_id LIMIT $5)
     SELECT ran.*, j.rate_card_id, j.program,
       (SELECT array_agg(DISTINCT a.region) FROM ledger.attempts a
        WHERE a.job_id = ran.job_id AND a.ordinal = ran.ordinal AND a.region IS NOT NULL) AS regions
     FROM ran JOIN page USING (job_id) JOIN ledger.jobs j ON j.id = ran.job_id ORDER BY ran.job_id, ran.ordinal`,
    [new Date(from - LONGEST_STEP_MS), new Date(from), new Date(until), after, jobs],
  );
  return rows.map((row) => ({
    jobId: row.job_id,
    ordinal: row.ordinal,
    startedAt: instantOfDate(row.started_at),
    endedAt: instantOfDate(row.ended_at),
    rateCardId: row.rate_card_id,
    model: row.model,
    ourTool: row.program === 'reported' ? null : row.tool,
    regions: row.regions ?? [],
  }));
}

interface RanStepRow {
  readonly job_id: string;
  readonly ordinal: number;
  readonly started_at: Date;
  readonly ended_at: Date;
  readonly model: string | null;
  readonly tool: string | null;
  readonly rate_card_id: string;
  readonly program: string;
  readonly regions: readonly string[] | null;
}
