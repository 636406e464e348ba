// API room. Steers a job under way: look, ask its workflow, look again. Whatever happens meanwhile, the tables say how
// the job stands, and that is the answer.
import type { BudgetAnswer, BudgetAsker } from '@fairmeter/contracts';
import {
  budgetUpdate,
  CANCEL_UPDATE_ID,
  cancelUpdate,
  PROBLEMS,
  resumeUpdate,
  unpackRefusal,
} from '@fairmeter/contracts';
import type { MicroCredits } from '@fairmeter/domain';
import { formatMicroCredits, hasEnded } from '@fairmeter/domain';
import type { JobView } from '@fairmeter/ledger/reads';
import type { Clock, Logger } from '@fairmeter/platform';
import { newId, TenantDatabase } from '@fairmeter/platform/database';
import { readAccount } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import { AdmissionClient, AdmissionUnknown, JobNotUnderWay } from '../jobs/admission-client.js';
import { changeKeyOf } from '../jobs/idempotency-key.js';
import { JobReader } from '../jobs/job-reader.js';
import type { Caller, Viewer } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import { admitAct } from '../changes/account-gate.js';
import { ProblemError } from '../problems/problem-error.js';
import { refusalProblem } from '../problems/refusal-problem.js';
import { API_CLOCK, API_LOGGER } from '../tokens.js';
import type { NotedBudget, NotedFirst } from './steered-for-others.js';

/** A cancelled job has ended within 10 s; whoever asked hears of it in one answer. */
const CANCELLED_WITHIN_MS = 12_000;
const ANSWERED_WITHIN_MS = 5_000;
/** Each waits for its workflow. */
const CANCELLED_AT_ONCE = 8;

const SERVER_ERRORS = 500;

export interface BudgetWish {
  readonly maxCredits: MicroCredits;
  readonly idempotencyKey: Uint8Array | null;
  readonly notes?: NotedBudget;
}

interface AskedBudget extends BudgetWish {
  readonly asker: BudgetAsker | undefined;
}

@Injectable()
export class JobControl {
  constructor(
    private readonly reader: JobReader,
    private readonly database: TenantDatabase,
    private readonly temporal: AdmissionClient,
    @Inject(API_CLOCK) private readonly clock: Clock,
    @Inject(API_LOGGER) private readonly logger: Logger,
  ) {}

  /** The job with the ending it got, or as it is where no worker was there to end it yet. */
  async cancel(caller: Viewer, jobId: string, noteFirst?: NotedFirst): Promise<JobView> {
    const job = await this.reader.job(caller, jobId);
    if (hasEnded(job.state)) return job;
    await noteFirst?.(job);
    const { workflowId } = job;
    try {
      const deadline = this.clock.now() + CANCELLED_WITHIN_MS;
      await this.temporal.steer(cancelUpdate, { workflowId, updateId: CANCEL_UPDATE_ID, args: [], deadline });
    } catch (error) {
      if (error instanceof JobNotUnderWay) return this.ended(caller, jobId, error);
      if (!(error instanceof AdmissionUnknown)) throw error;
      await this.leaveRequest(workflowId, error);
    }
    return this.reader.job(caller, jobId);
  }

  /** All of them, as each alone; so many at a time leave room for what others ask. Whoever asks has noted all. */
  async cancelAll(caller: Caller, jobIds: readonly string[]): Promise<readonly JobView[]> {
    const ended: JobView[] = [];
    const waiting = [...jobIds];
    const cancelNext = async (): Promise<void> => {
      for (let jobId = waiting.shift(); jobId !== undefined; jobId = waiting.shift()) {
        ended.push(await this.cancel(caller, jobId));
      }
    };
    await Promise.all(Array.from({ length: CANCELLED_AT_ONCE }, cancelNext));
    return ended;
  }

  async resume(caller: Caller, jobId: string, noteFirst?: NotedFirst): Promise<JobView> {
    const job = await this.underWay(caller, jobId);
    await noteFirst?.(job);
    await this.ask(caller, job, async (deadline) =>
      this.temporal.steer(resumeUpdate, {
        workflowId: job.workflowId,
        updateId: `resume/${newId('req')}`,
        args: [],
        deadline,
      }),
    );
    return this.reader.job(caller, jobId);
  }

  async changeBudget(caller: Caller, jobId: string, wish: BudgetWish): Promise<JobView> {
    const job = await this.underWay(caller, jobId);
    const asker = await wish.notes?.requested(job);
    const answer = await this.askForBudget(caller, job, { ...wish, asker });
    if (answer.outcome === 'changed') return this.reader.job(caller, jobId);
    const refusal = unpackRefusal(answer.refusal);
    throw refusal.code === 'operation_mismatch'
      ? refusalProblem({ code: 'idempotency_mismatch' }, 0)
      : refusalProblem(refusal, this.clock.now());
  }

  /** What the ledger says to it is written down where it is heard, so that nothing is lost of an answer that is. */
  private async askForBudget(caller: Caller, job: JobView, wish: AskedBudget): Promise<BudgetAnswer> {
    const { asker, notes, maxCredits } = wish;
    const changeKey = changeKeyOf(caller, wish.idempotencyKey);
    const maxMicroCredits = formatMicroCredits(maxCredits);
    try {
      return await this.ask(caller, job, async (deadline) =>
        this.temporal.steer(budgetUpdate, {
          workflowId: job.workflowId,
          // The amount is part of it: the same key with another one must reach the ledger, which says no.
          updateId: `budget/${changeKey}/${maxMicroCredits}`,
          args: [{ changeKey, maxMicroCredits, ...(asker === undefined ? {} : { asker }) }],
          deadline,
        }),
      );
    } catch (error) {
      // The work was over before the ledger heard of anything.
      if (isRefusal(error)) await notes?.refused(job, error.code);
      throw error;
    }
  }

  /** To let a job go on, or further, is work that begins. */
  private async underWay(caller: Caller, jobId: string): Promise<JobView> {
    const job = await this.reader.job(caller, jobId);
    if (hasEnded(job.state)) throw refusalProblem({ code: 'job_ended', state: job.state }, 0);
    // What a visitor bought is spent as that visitor said, and by nobody else's word (B25).
    if (job.funding === 'end_user' && caller.kind !== 'visitor') {
      throw new ProblemError('forbidden', 'A visitor pays for this job: how far it goes is theirs to say.');
    }
    const { accountId } = caller;
    const account = await this.database.asTenant(tenantOf(caller), async (tx) => readAccount(tx, accountId));
    admitAct(account, caller, 'start_work');
    return job;
  }

  private async ask<T>(caller: Caller, job: JobView, question: (deadline: number) => Promise<T>): Promise<T> {
    try {
      return await question(this.clock.now() + ANSWERED_WITHIN_MS);
    } catch (error) {
      if (error instanceof JobNotUnderWay) {
        const { state } = await this.ended(caller, job.id, error);
        throw refusalProblem({ code: 'job_ended', state }, 0);
      }
      if (error instanceof AdmissionUnknown) throw unavailable('The job did not answer in time.', error);
      throw error;
    }
  }

  /** Its workflow is over; a job that stands open all the same was ended by hand, and is settled by the sweeper. */
  private async ended(caller: Viewer, jobId: string, cause: Error): Promise<JobView> {
    const job = await this.reader.job(caller, jobId);
    if (hasEnded(job.state)) return job;
    throw unavailable('The job is being brought to its end.', cause);
  }

  /** Nobody was there to obey: the request waits with the workflow, and the caller need not come again. */
  private async leaveRequest(workflowId: string, cause: Error): Promise<void> {
    try {
      await this.temporal.requestCancel(workflowId, this.clock.now() + ANSWERED_WITHIN_MS);
    } catch (error) {
      this.logger.warn({ workflowId, err: error }, 'a request to cancel could not be left');
      throw unavailable('The job did not answer in time. Ask again: it is cancelled once.', cause);
    }
  }
}

function isRefusal(error: unknown): error is ProblemError {
  return error instanceof ProblemError && PROBLEMS[error.code].status < SERVER_ERRORS;
}

function unavailable(detail: string, cause: Error): ProblemError {
  return new ProblemError('service_unavailable', detail, { members: { part: 'temporal' }, cause });
}
