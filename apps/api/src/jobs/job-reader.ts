// API room. A key reads the jobs of its bot, an account's key those of all its bots, each in its own environment; a
// member reads own ones, staff those of the account they named. A job of somebody else and a job that never was are the
// same answer.
import { explainCost } from '@fairmeter/domain';
import type { JobView, StepsPage, StepView, TimelineView } from '@fairmeter/ledger/reads';
import {
  countAskedBefore,
  findJob,
  findStep,
  readJobCost,
  readJobs,
  readJobToExplain,
  readRealCosts,
  readRefunds,
  readResultPlace,
  readStepsPage,
  readTimeline,
} from '@fairmeter/ledger/reads';
import { TenantDatabase } from '@fairmeter/platform/database';
import {
  countFiles,
  findArtefact,
  findUnpacked,
  listFiles,
  readRateCard,
  readSaidCauses,
  readTexts,
} from '@fairmeter/records';
import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { StaffViewer, Viewer } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import { environmentOfJobs } from '../callers/environment.js';
import { isOwn, personShown } from '../callers/own-jobs.js';
import type { ProblemError } from '../problems/problem-error.js';
import { refusalProblem } from '../problems/refusal-problem.js';
import { badCursor, cursorNumber, readCursor, writeCursor } from '../requests/cursor.js';
import type { pageQuery } from '../requests/page.js';
import { pageSize } from '../requests/page.js';
import type { ForStaff, JobCost } from './cost-body.js';
import type { ExplainedJob } from './explain-body.js';
import type { JobsAnswer } from './jobs-body.js';
import type { jobsQuery, timelineQuery } from './jobs-query.js';
import { MAX_TIMELINE_STEPS } from './jobs-query.js';
import type { JobResult } from './result-body.js';
import type { StepsOfJob } from './steps-body.js';

const JOB_ID = /^job_[0-9A-Za-z_-]{1,64}$/;

/** What does not look like an id is not looked for. */
export function isJobId(text: string): boolean {
  return JOB_ID.test(text);
}

export function noSuchJob(): ProblemError {
  return refusalProblem({ code: 'job_not_found' }, 0);
}

export function ownJob(job: JobView | null, caller: Viewer): JobView {
  if (job === null || !isOwn(job, caller)) throw noSuchJob();
  return job;
}

/** The tenant's transaction, as the reads take it. */
type Reading = Parameters<typeof findJob>[0];

/** What a visitor's job waits for is the owner's affair where the owner pays: it says that it waits, and no figure. */
function seenBy(caller: Viewer, job: JobView): JobView {
  return caller.kind === 'visitor' && job.funding !== 'end_user' ? { ...job, waiting: null } : job;
}

const JOBS = 'jobs';
const STEPS = 'steps';
const TIMELINE = 'timeline';

@Injectable()
export class JobReader {
  constructor(private readonly database: TenantDatabase) {}

  async job(caller: Viewer, jobId: string): Promise<JobView> {
    return this.ofJob(caller, jobId, async (_, job) => seenBy(caller, job));
  }

  async jobs(caller: Viewer, query: z.output<typeof jobsQuery>): Promise<JobsAnswer> {
    const before = query.cursor === undefined ? null : jobCursor(query.cursor);
    const asked = query.bot_id;
    const environment = environmentOfJobs(caller, query.environment);
    // The key of a bot sees its own bot alone: of any other it is told what it would be told of none.
    if (caller.kind === 'bot' && asked !== undefined && asked !== caller.botId) return { jobs: [], nextCursor: null };
    const { jobs, next } = await this.database.asTenant(tenantOf(caller), async (tx) =>
      readJobs(tx, caller.accountId, {
        before,
        limit: pageSize(query.limit),
        environment,
        person: personShown(caller),
        botId: caller.kind === 'bot' ? caller.botId : asked,
        botType: query.type,
        requestKind: query.kind,
        model: query.model,
        state: query.state,
        createdFrom: query.created_from,
        createdTo: query.created_to,
        looped: query.looped,
        refunded: query.refunded,
      }),
    );
    return { jobs, nextCursor: next === null ? null : writeCursor(JOBS, [next]) };
  }

  async cost(caller: Viewer, jobId: string): Promise<JobCost> {
    return this.ofJob(caller, jobId, async (tx, job) => costOf(tx, job, caller));
  }

  /** With what it really cost us: for staff alone, and by type for nobody else. */
  async costForStaff(viewer: StaffViewer, jobId: string): Promise<ForStaff<JobCost>> {
    return this.ofJob(viewer, jobId, async (tx, job) => ({
      ...(await costOf(tx, job, viewer)),
      real: await readRealCosts(tx, jobId),
    }));
  }

  async explained(caller: Viewer, jobId: string): Promise<ExplainedJob> {
    return this.ofJob(caller, jobId, explanationOf);
  }

  /** As the cost of it. */
  async explainedForStaff(viewer: StaffViewer, jobId: string): Promise<ForStaff<ExplainedJob>> {
    return this.ofJob(viewer, jobId, async (tx, job) => ({
      ...(await explanationOf(tx, job)),
      real: await readRealCosts(tx, jobId),
    }));
  }

  async timeline(
    caller: Viewer,
    jobId: string,
    query: z.output<typeof timelineQuery>,
  ): Promise<{ readonly view: TimelineView; readonly nextCursor: string | null }> {
    const page = { after: stepCursor(TIMELINE, query.cursor), limit: query.limit ?? MAX_TIMELINE_STEPS };
    return this.ofJob(caller, jobId, async (tx) => {
      const view = found(await readTimeline(tx, jobId, page));
      return { view, nextCursor: nextCursor(TIMELINE, view.next) };
    });
  }

  async steps(caller: Viewer, jobId: string, query: z.output<typeof pageQuery>): Promise<StepsAnswer> {
    const page = { after: stepCursor(STEPS, query.cursor), limit: pageSize(query.limit) };
    return this.ofJob(caller, jobId, async (tx, job) => {
      const { steps, next } = await readStepsPage(tx, job, page);
      return { steps, of: await stepsOfJob(tx, job), nextCursor: nextCursor(STEPS, next) };
    });
  }

  /** Null where the job has no such step. */
  async step(caller: Viewer, jobId: string, ordinal: number): Promise<StepAnswer | null> {
    return this.ofJob(caller, jobId, async (tx, job) => {
      const step = await findStep(tx, job, ordinal);
      return step === null ? null : { step, of: await stepsOfJob(tx, job) };
    });
  }

  async result(caller: Viewer, jobId: string): Promise<JobResult> {
    return this.ofJob(caller, jobId, async (tx, job) => {
      const place = await readResultPlace(tx, jobId);
      const { answer, tree } = place;
      const texts = answer === null ? null : await readTexts(tx, [answer.resultRef]);
      return {
        job,
        place,
        text: (answer === null ? undefined : texts?.get(answer.resultRef)) ?? null,
        files: tree === null ? null : await listFiles(tx, { jobId, hash: tree }),
        artefact: await findArtefact(tx, jobId),
        unpacked: await findUnpacked(tx, jobId),
      };
    });
  }

  /** One snapshot, and in it first whether the job is this caller's at all. */
  async ofJob<T>(caller: Viewer, jobId: string, read: (tx: Reading, job: JobView) => Promise<T>): Promise<T> {
    if (!isJobId(jobId)) throw noSuchJob();
    return this.database.asTenant(tenantOf(caller), async (tx) => read(tx, ownJob(await findJob(tx, jobId), caller)));
  }
}

async function costOf(tx: Reading, job: JobView, viewer: Viewer): Promise<JobCost> {
  const { id: jobId, rateCardId } = job;
  const cost = found(await readJobCost(tx, jobId));
  const card = await readRateCard(tx, rateCardId);
  const askedBefore = await countAskedBefore(tx, job, personShown(viewer));
  const { tree } = await readResultPlace(tx, jobId);
  const outputFiles = tree === null ? 0 : await countFiles(tx, { jobId, hash: tree });
  const saidCauses = await readSaidCauses(tx, jobId);
  return { cost, card, artefact: await findArtefact(tx, jobId), outputFiles, askedBefore, saidCauses };
}

async function explanationOf(tx: Reading, job: JobView): Promise<ExplainedJob> {
  const { cost, leftOnHold } = found(await readJobToExplain(tx, job.id));
  const card = await readRateCard(tx, job.rateCardId);
  return { job, card, explained: explainCost(cost, card, leftOnHold) };
}

export interface StepsAnswer {
  readonly steps: StepsPage['steps'];
  readonly of: StepsOfJob;
  readonly nextCursor: string | null;
}

export interface StepAnswer {
  readonly step: StepView;
  readonly of: StepsOfJob;
}

async function stepsOfJob(tx: Reading, job: JobView): Promise<StepsOfJob> {
  return { job, card: await readRateCard(tx, job.rateCardId), refunds: await readRefunds(tx, job) };
}

function found<T>(view: T | null): T {
  if (view === null) throw noSuchJob();
  return view;
}

function jobCursor(cursor: string): string {
  const [id = ''] = readCursor(JOBS, cursor);
  if (!isJobId(id)) throw badCursor();
  return id;
}

const MOST_STEPS = 2_147_483_647n;

function stepCursor(listing: string, cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const [ordinal] = readCursor(listing, cursor);
  const after = cursorNumber(ordinal);
  if (after > MOST_STEPS) throw badCursor();
  return Number(after);
}

function nextCursor(listing: string, after: number | null): string | null {
  return after === null ? null : writeCursor(listing, [after.toString()]);
}
