// API room. Asks the workflow of a reported job: look whose job it is, ask, and ask again where the answer was lost on
// the way or is older than the question. All money is the workflow's.
import type {
  BeginReportedAnswer,
  BeginReportedRequest,
  EndReportedAnswer,
  EndReportedRequest,
  FinishReportedAnswer,
  FinishReportedRequest,
  ReportedCall,
  ReportedRefused,
  UpdateDefinition,
} from '@fairmeter/contracts';
import {
  beginReportedUpdate,
  beginReportedUpdateId,
  endReportedUpdate,
  endReportedUpdateId,
  finishReportedUpdate,
  finishReportedUpdateId,
  unpackRefusal,
} from '@fairmeter/contracts';
import type { CreditOption } from '@fairmeter/domain';
import { hasEnded, instant, instantToText, withOptions } from '@fairmeter/domain';
import type { JobView } from '@fairmeter/ledger/reads';
import type { Clock } from '@fairmeter/platform';
import { newId } from '@fairmeter/platform/database';
import { Inject, Injectable } from '@nestjs/common';
import { AdmissionClient, AdmissionUnknown, JobNotUnderWay } from '../jobs/admission-client.js';
import { JobReader } from '../jobs/job-reader.js';
import type { Caller } from '../callers/caller.js';
import { ProblemError } from '../problems/problem-error.js';
import { refusalProblem } from '../problems/refusal-problem.js';
import { API_CLOCK } from '../tokens.js';

/** A lost worker's calls go to another one after 10 s: whoever asked then still hears it in one answer. */
const ANSWERED_WITHIN_MS = 15_000;
const ASKED_AGAIN_AFTER_MS = 50;

/** No API key can buy anything: all it can do at zero is to tell the owner. */
const OPTIONS_OF_A_KEY: readonly CreditOption[] = ['tell_owner'];

type Named = Pick<ReportedCall, 'callKey' | 'bodyHash'>;
type Words<Request> = Named & Omit<Request, keyof ReportedCall>;
type Said<Answer> = Exclude<Answer, ReportedRefused>;
export type StepBegun = Said<BeginReportedAnswer>;
export type StepEnded = Said<EndReportedAnswer>;
export type JobFinished = Said<FinishReportedAnswer>;

interface Question<Answer, Request> {
  readonly update: UpdateDefinition<Answer, [Request]>;
  readonly updateId: string;
  readonly words: Omit<Request, 'requestId'>;
}

@Injectable()
export class ReportedDesk {
  constructor(
    private readonly reader: JobReader,
    private readonly temporal: AdmissionClient,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  async begin(caller: Caller, jobId: string, words: Words<BeginReportedRequest>): Promise<StepBegun> {
    const updateId = beginReportedUpdateId(words);
    return this.ask(caller, jobId, { update: beginReportedUpdate, updateId, words });
  }

  async end(caller: Caller, jobId: string, words: Words<EndReportedRequest>): Promise<StepEnded> {
    const updateId = endReportedUpdateId(words);
    return this.ask(caller, jobId, { update: endReportedUpdate, updateId, words });
  }

  async finish(
    caller: Caller,
    jobId: string,
    words: Words<FinishReportedRequest>,
  ): Promise<{ readonly answer: JobFinished; readonly job: JobView }> {
    const updateId = finishReportedUpdateId(words);
    const answer = await this.ask(caller, jobId, { update: finishReportedUpdate, updateId, words });
    return { answer, job: await this.reader.job(caller, jobId) };
  }

  private async ask<Answer extends { readonly outcome: string; readonly requestId: string }, Request>(
    caller: Caller,
    jobId: string,
    question: Question<Answer, Request>,
  ): Promise<Said<Answer>> {
    const job = await this.reader.job(caller, jobId);
    if (job.program !== 'reported') throw refusalProblem({ code: 'job_not_reported' }, 0);
    const until = this.clock.now() + ANSWERED_WITHIN_MS;
    const requestId = newId('req');
    const answer = await this.put(caller, job, { ...question, requestId, until });
    if (!isRefused(answer)) return answer as Said<Answer>;
    // Of before: what was lacking then may be there now. Nothing of a refusal is kept but this answer.
    const fresh =
      answer.requestId === requestId
        ? answer
        : await this.put(caller, job, { ...question, updateId: `${question.updateId}/${requestId}`, requestId, until });
    if (!isRefused(fresh)) return fresh as Said<Answer>;
    throw this.problem(fresh);
  }

  /** A job that goes on as a new run may drop a question on the way: it is asked again, by the same id. */
  private async put<Answer, Request>(
    caller: Caller,
    job: JobView,
    { update, updateId, words, requestId, until }: Asked<Answer, Request>,
  ): Promise<Answer> {
    const { workflowId } = job;
    const args = [{ ...words, requestId } as Request] as [Request];
    for (;;) {
      try {
        return await this.temporal.steer(update, { workflowId, updateId, args, deadline: until });
      } catch (error) {
        if (error instanceof JobNotUnderWay) throw await this.over(caller, job.id);
        if (!(error instanceof AdmissionUnknown)) throw error;
        if (this.clock.now() + ASKED_AGAIN_AFTER_MS >= until) {
          const members = { part: 'temporal' };
          throw new ProblemError('service_unavailable', UNANSWERED, { members, cause: error });
        }
      }
      await new Promise((resume) => setTimeout(resume, ASKED_AGAIN_AFTER_MS));
    }
  }

  private async over(caller: Caller, jobId: string): Promise<ProblemError> {
    const { state } = await this.reader.job(caller, jobId);
    return hasEnded(state)
      ? refusalProblem({ code: 'job_ended', state }, 0)
      : new ProblemError('service_unavailable', 'The job is being brought to its end.', {
          members: { part: 'temporal' },
        });
  }

  private problem({ refusal, waitsUntil }: ReportedRefused): ProblemError {
    const problem = refusalProblem(withOptions(unpackRefusal(refusal), OPTIONS_OF_A_KEY), this.clock.now());
    if (waitsUntil === undefined) return problem;
    const pause = { job_state: 'waiting_credits', waits_until: instantToText(instant(waitsUntil)) };
    const { code, detail, members, headers } = problem;
    return new ProblemError(code, detail, { members: { ...members, ...pause }, headers });
  }
}

const UNANSWERED = 'The job did not answer in time. Send the same request again, with the same key.';

interface Asked<Answer, Request> extends Question<Answer, Request> {
  readonly requestId: string;
  readonly until: number;
}

function isRefused(answer: { readonly outcome: string }): answer is ReportedRefused {
  return answer.outcome === 'refused';
}
