// Ledger room, read side. Steps as the loop detector saw them, with where and when they ran: of the jobs of a thread
// that have ended, or of jobs by their ids. Whoever reads them is a process of ours, never a tenant.
import type { Instant, MicroCredits, Program, StepRef, StepSeen } from '@fairmeter/domain';
import { environmentOf, instant, MOST_OF_A_THREAD, parseMicroCredits } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import { inEnvironment } from '../rows/environments.js';
import { millisecondsOf } from '../rows/milliseconds.js';

export interface SeenStepView extends StepRef {
  readonly iteration: number;
  readonly seen: StepSeen;
  readonly charge: MicroCredits;
  /** The scope that paid. */
  readonly payer: string;
  readonly promptRef: string;
  readonly program: Program;
  readonly rateCardId: string;
  readonly model: string | null;
  readonly tool: string | null;
  readonly startedAt: Instant;
  readonly endedAt: Instant;
}

interface SeenStepRow {
  readonly job_id: string;
  readonly ordinal: number;
  readonly iteration: number;
  readonly seen: StepSeen;
  readonly charge: string;
  readonly scope_id: string;
  readonly prompt_ref: string;
  readonly program: Program;
  readonly rate_card_id: string;
  readonly model: string | null;
  readonly tool: string | null;
  readonly started_ms: number;
  readonly ended_ms: number;
}

// A thread may have very many: instants come as counts, as building dates of them takes longer than all else.
const STEPS = `SELECT s.job_id, s.ordinal, s.iteration, s.report -> 'seen' AS seen, s.charge::text, j.scope_id,
    j.prompt_ref, j.program, j.rate_card_id, s.model, s.tool, ${millisecondsOf('s.started_at')} AS started_ms,
    ${millisecondsOf('s.ended_at')} AS ended_ms
  FROM ledger.steps s JOIN j ON j.id = s.job_id
  WHERE s.state = 'ended' AND s.report ? 'seen'`;

export interface ThreadView {
  /** One job after the other as they ended, each with its steps as they ended. */
  readonly steps: readonly SeenStepView[];
  /** Where loops were found in them. */
  readonly found: readonly StepRef[];
}

export interface ThreadName {
  readonly botId: string;
  readonly threadId: string;
  /** The person or visitor whose thread it is: the same name is another thread for another one. Null: of any key. */
  readonly somebody: string | null;
}

export interface ThreadOfPayer extends ThreadName {
  /** The scope that pays now. */
  readonly payer: string;
}

/**
 * The latest of it, as far as it lies in the environment of whoever pays now. The oldest job of which only the end is
 * left is left out whole, as is the oldest iteration of a job that is longer than all that is remembered: half an
 * iteration might look idle.
 */
export async function readThread(tx: EntityManager, thread: ThreadOfPayer): Promise<ThreadView> {
  const { jobs, steps: most } = MOST_OF_A_THREAD;
  const rows = await tx.query<SeenStepRow[]>(
    `WITH j AS (SELECT * FROM ledger.jobs WHERE bot_id = $1 AND thread_id = $2 AND ended_at IS NOT NULL
         AND CASE WHEN requester_kind IN ('person', 'visitor') THEN requester_id END IS NOT DISTINCT FROM $3
         AND ${inEnvironment('scope_id', environmentOf(thread.payer))}
       ORDER BY ended_at DESC, id DESC LIMIT ${jobs})
     ${STEPS} ORDER BY j.ended_at DESC, j.id DESC, s.ended_at DESC, s.ordinal DESC LIMIT ${most + 1}`,
    [thread.botId, thread.threadId, thread.somebody],
  );
  const steps = rows.map(viewOf).reverse();
  const whole = steps.length > most ? withoutBeginnings(steps) : steps;
  return { steps: whole, found: await foundIn(tx, [...new Set(whole.map(({ jobId }) => jobId))]) };
}

function withoutBeginnings(steps: readonly SeenStepView[]): readonly SeenStepView[] {
  const [first] = steps;
  const later = steps.filter(({ jobId }) => jobId !== first?.jobId);
  return later.length > 0 ? later : steps.filter(({ iteration }) => iteration !== first?.iteration);
}

async function foundIn(tx: EntityManager, jobIds: readonly string[]): Promise<StepRef[]> {
  if (jobIds.length === 0) return [];
  const rows = await tx.query<{ job_id: string; found_at_step: number }[]>(
    'SELECT job_id, found_at_step FROM ledger.loop_findings WHERE job_id = ANY ($1)',
    [jobIds],
  );
  return rows.map((row) => ({ jobId: row.job_id, ordinal: row.found_at_step }));
}

/** From where the attempts of those jobs were answered, by job and step; who was told nothing is missing. */
export async function readRegions(
  tx: EntityManager,
  jobIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await tx.query<{ step: string; regions: string[] }[]>(
    `SELECT job_id || '/' || ordinal AS step, array_agg(DISTINCT region) AS regions FROM ledger.attempts
     WHERE job_id = ANY ($1) AND region IS NOT NULL GROUP BY job_id, ordinal`,
    [jobIds],
  );
  return new Map(rows.map(({ step, regions }) => [step, regions]));
}

export async function readSeenSteps(tx: EntityManager, jobIds: readonly string[]): Promise<SeenStepView[]> {
  const rows = await tx.query<SeenStepRow[]>(
    `WITH j AS (SELECT * FROM ledger.jobs WHERE id = ANY ($1)) ${STEPS} ORDER BY s.job_id, s.ended_at, s.ordinal`,
    [jobIds],
  );
  return rows.map(viewOf);
}

function viewOf(row: SeenStepRow): SeenStepView {
  return {
    jobId: row.job_id,
    ordinal: row.ordinal,
    iteration: row.iteration,
    seen: row.seen,
    charge: parseMicroCredits(row.charge),
    payer: row.scope_id,
    promptRef: row.prompt_ref,
    program: row.program,
    rateCardId: row.rate_card_id,
    model: row.model,
    tool: row.tool,
    startedAt: instant(row.started_ms),
    endedAt: instant(row.ended_ms),
  };
}
