// API room. The jobs of an account as staff see them, with what they cost and why; and how staff end one. Nothing here
// shows what was asked and answered. Parse, call, convert.
import { hasEnded } from '@fairmeter/domain';
import type { ApiConfig } from '@fairmeter/platform';
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AskingStaff, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { StaffCaller } from '../callers/caller.js';
import { JobControl } from '../job-control/job-control.js';
import { SteeredForOthers } from '../job-control/steered-for-others.js';
import { JobReader } from '../jobs/job-reader.js';
import { jobsQuery, stepNumberOf, timelineQuery } from '../jobs/jobs-query.js';
import type { AttemptsBody, StepsBody } from '../jobs/steps-body.js';
import { toAttemptsBody, toStepsBody } from '../jobs/steps-body.js';
import type { TimelineBody } from '../jobs/timeline-body.js';
import { toTimelineBody } from '../jobs/timeline-body.js';
import { Answers, NeedsKey, Problems, Takes, TakesQuery } from '../openapi/describe.js';
import { BODY_PROBLEMS } from '../openapi/usual-problems.js';
import { ProblemError } from '../problems/problem-error.js';
import { readBody, readQuery } from '../requests/body.js';
import { pageQuery } from '../requests/page.js';
import { contextOf } from '../requests/request-context.js';
import { API_CONFIG } from '../tokens.js';
import { NamedAccounts } from './named-accounts.js';
import type { StaffCostBody, StaffExplainBody } from './staff-cost-body.js';
import { toStaffCostBody, toStaffExplainBody } from './staff-cost-body.js';
import type { StaffJobBody, StaffJobsBody } from './staff-job-body.js';
import { staffCancelBody, toStaffJobBody, toStaffJobsBody } from './staff-job-body.js';

interface Named {
  readonly account_id: string;
  readonly job_id: string;
}

@ApiTags('Support')
@NeedsKey()
@Controller('v1/staff/accounts/:account_id/jobs')
@UseGuards(CallerGuard)
export class StaffJobsController {
  constructor(
    private readonly accounts: NamedAccounts,
    private readonly reader: JobReader,
    private readonly control: JobControl,
    private readonly notes: SteeredForOthers,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
  ) {}

  @Get()
  @Operation({
    operationId: 'listJobsOfAccount',
    summary: 'The jobs of an account, whoever asked for them',
    description: 'The newest first; filters combine. None of it says what was asked or answered.',
  })
  @ApiParam({ name: 'account_id' })
  @TakesQuery(jobsQuery)
  @Answers(200, 'StaffJobs', 'One page.')
  @Problems('account_not_found', 'validation_failed')
  async jobs(
    @AskingStaff() staff: StaffCaller,
    @Param('account_id') accountId: string,
    @Query() query: unknown,
  ): Promise<StaffJobsBody> {
    const asked = readQuery(jobsQuery, query);
    const viewer = await this.accounts.viewerIn(staff, accountId);
    return toStaffJobsBody(await this.reader.jobs(viewer, asked), this.config.publicUrl);
  }

  @Get(':job_id')
  @Operation({ operationId: 'getJobOfAccount', summary: 'How a job of an account stands' })
  @ApiParam({ name: 'account_id' })
  @ApiParam({ name: 'job_id' })
  @Answers(200, 'StaffJob', 'The job as it is now.')
  @Problems('account_not_found', 'job_not_found')
  async job(
    @AskingStaff() staff: StaffCaller,
    @Param() { account_id: accountId, job_id: jobId }: Named,
  ): Promise<StaffJobBody> {
    const viewer = await this.accounts.viewerIn(staff, accountId);
    return toStaffJobBody(await this.reader.job(viewer, jobId), this.config.publicUrl);
  }

  @Get(':job_id/cost')
  @Operation({
    operationId: 'getJobCostOfAccount',
    summary: 'What a job of an account cost, and why',
    description: 'As its account is told, and beside it what the job really cost us, which its account is never shown.',
  })
  @ApiParam({ name: 'account_id' })
  @ApiParam({ name: 'job_id' })
  @Answers(200, 'StaffJobCost', 'Every step and attempt, and the lots that paid.')
  @Problems('account_not_found', 'job_not_found')
  async cost(
    @AskingStaff() staff: StaffCaller,
    @Param() { account_id: accountId, job_id: jobId }: Named,
  ): Promise<StaffCostBody> {
    const viewer = await this.accounts.viewerIn(staff, accountId);
    return toStaffCostBody(await this.reader.costForStaff(viewer, jobId));
  }

  @Get(':job_id/cost/explain')
  @Operation({
    operationId: 'explainJobCostOfAccount',
    summary: 'The charge of a job of an account, made anew',
    description: 'As its account is told, and beside it what the job really cost us, which its account is never shown.',
  })
  @ApiParam({ name: 'account_id' })
  @ApiParam({ name: 'job_id' })
  @Answers(200, 'StaffJobCostExplained', 'Every line, and what does not agree.')
  @Problems('account_not_found', 'job_not_found')
  async explain(
    @AskingStaff() staff: StaffCaller,
    @Param() { account_id: accountId, job_id: jobId }: Named,
  ): Promise<StaffExplainBody> {
    const viewer = await this.accounts.viewerIn(staff, accountId);
    return toStaffExplainBody(await this.reader.explainedForStaff(viewer, jobId));
  }

  @Get(':job_id/timeline')
  @Operation({ operationId: 'getJobTimelineOfAccount', summary: 'How a job of an account ran, to be drawn' })
  @ApiParam({ name: 'account_id' })
  @ApiParam({ name: 'job_id' })
  @TakesQuery(timelineQuery)
  @Answers(200, 'JobTimeline', 'Iterations, steps, attempts, pauses, refunds and loops.')
  @Problems('account_not_found', 'job_not_found', 'validation_failed')
  async timeline(
    @AskingStaff() staff: StaffCaller,
    @Param() { account_id: accountId, job_id: jobId }: Named,
    @Query() query: unknown,
  ): Promise<TimelineBody> {
    const asked = readQuery(timelineQuery, query);
    const viewer = await this.accounts.viewerIn(staff, accountId);
    const { view, nextCursor } = await this.reader.timeline(viewer, jobId, asked);
    return toTimelineBody(view, nextCursor);
  }

  @Get(':job_id/steps')
  @Operation({ operationId: 'listJobStepsOfAccount', summary: 'The steps of a job of an account' })
  @ApiParam({ name: 'account_id' })
  @ApiParam({ name: 'job_id' })
  @TakesQuery(pageQuery)
  @Answers(200, 'JobSteps', 'One page, in order.')
  @Problems('account_not_found', 'job_not_found', 'validation_failed')
  async steps(
    @AskingStaff() staff: StaffCaller,
    @Param() { account_id: accountId, job_id: jobId }: Named,
    @Query() query: unknown,
  ): Promise<StepsBody> {
    const asked = readQuery(pageQuery, query);
    const viewer = await this.accounts.viewerIn(staff, accountId);
    const { steps, of, nextCursor } = await this.reader.steps(viewer, jobId, asked);
    return toStepsBody(steps, of, nextCursor);
  }

  @Get(':job_id/steps/:step/attempts')
  @Operation({ operationId: 'listStepAttemptsOfAccount', summary: 'The attempts of a step of a job of an account' })
  @ApiParam({ name: 'account_id' })
  @ApiParam({ name: 'job_id' })
  @ApiParam({ name: 'step', description: 'Its number inside the job, counted from 1.' })
  @Answers(200, 'StepAttempts', 'The step and every physical try of it.')
  @Problems('account_not_found', 'job_not_found', 'not_found')
  async attempts(
    @AskingStaff() staff: StaffCaller,
    @Param() { account_id: accountId, job_id: jobId, step }: Named & { readonly step: string },
  ): Promise<AttemptsBody> {
    const viewer = await this.accounts.viewerIn(staff, accountId);
    const found = await this.reader.step(viewer, jobId, stepNumberOf(step));
    if (found === null) throw new ProblemError('not_found', 'This job has no such step.');
    return toAttemptsBody(found.step, found.of);
  }

  @Post(':job_id/cancel')
  @HttpCode(200)
  @Operation({
    operationId: 'cancelJobOfAccount',
    summary: 'Cancel a job of an account',
    description:
      'As whoever asked for it would, with a reason that its account reads in its audit. Nobody does this for an ' +
      'account of their own. A job that has ended stays as it ended.',
  })
  @ApiParam({ name: 'account_id' })
  @ApiParam({ name: 'job_id' })
  @Takes('CancelJobOfAccount')
  @Answers(200, 'StaffJob', 'The job has ended, now or before.')
  @Answers(202, 'StaffJob', 'No worker was there to end it; the request waits for one.')
  @Problems('account_not_found', 'job_not_found', 'service_unavailable', ...BODY_PROBLEMS)
  async cancel(
    @Req() request: FastifyRequest,
    @AskingStaff() staff: StaffCaller,
    @Param() { account_id: accountId, job_id: jobId }: Named,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StaffJobBody> {
    const { reason } = readBody(staffCancelBody, body);
    const viewer = await this.accounts.viewerIn(staff, accountId);
    const { requestId } = contextOf(request);
    const noteFirst = this.notes.cancelledByStaff({ viewer, requestId, reason });
    const job = await this.control.cancel(viewer, jobId, noteFirst);
    if (!hasEnded(job.state)) void reply.status(202);
    return toStaffJobBody(job, this.config.publicUrl);
  }
}
