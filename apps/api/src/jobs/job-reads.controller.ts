// API room. Everything else that is asked of jobs: which there are, why a charge is what it is, how a job ran, and what
// it brought. Parse, call, convert.
import type { ApiConfig } from '@fairmeter/platform';
import { Controller, Get, Inject, Param, Query, UseGuards } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { Answers, NeedsKey, Problems, TakesQuery } from '../openapi/describe.js';
import { ProblemError } from '../problems/problem-error.js';
import { readQuery } from '../requests/body.js';
import { pageQuery } from '../requests/page.js';
import { API_CONFIG } from '../tokens.js';
import type { ExplainBody } from './explain-body.js';
import { toExplainBody } from './explain-body.js';
import { JobReader } from './job-reader.js';
import type { JobsBody } from './jobs-body.js';
import { toJobsBody } from './jobs-body.js';
import { jobsQuery, stepNumberOf, timelineQuery } from './jobs-query.js';
import type { ResultBody } from './result-body.js';
import { toResultBody } from './result-body.js';
import type { AttemptsBody, StepsBody } from './steps-body.js';
import { toAttemptsBody, toStepsBody } from './steps-body.js';
import type { TimelineBody } from './timeline-body.js';
import { toTimelineBody } from './timeline-body.js';

@ApiTags('Jobs')
@NeedsKey()
@Controller('v1/jobs')
@UseGuards(CallerGuard)
export class JobReadsController {
  constructor(
    private readonly reader: JobReader,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
  ) {}

  @Get()
  @Operation({
    operationId: 'listJobs',
    summary: 'The jobs of a bot, or of all bots of the account',
    description:
      'The newest first. Filters combine. Following the cursor neither misses nor repeats a job. A member is shown ' +
      'own jobs, here and everywhere: somebody else\u2019s is answered as one that is not there.',
  })
  @TakesQuery(jobsQuery)
  @Answers(200, 'Jobs', 'One page.')
  @Problems('validation_failed')
  async jobs(@Asking() caller: Caller, @Query() query: unknown): Promise<JobsBody> {
    return toJobsBody(await this.reader.jobs(caller, readQuery(jobsQuery, query)), this.config.publicUrl);
  }

  @Get(':job_id/cost/explain')
  @Operation({
    operationId: 'explainJobCost',
    summary: 'The charge, made anew',
    description:
      'Multiplies the stored meters by the rates of the pinned card, line by line, and holds the sum against what ' +
      'the ledger took. `matches` says whether all of it agrees.',
  })
  @ApiParam({ name: 'job_id' })
  @Answers(200, 'JobCostExplained', 'Every line, and what does not agree.')
  @Problems('job_not_found')
  async explain(@Asking() caller: Caller, @Param('job_id') jobId: string): Promise<ExplainBody> {
    return toExplainBody(await this.reader.explained(caller, jobId));
  }

  @Get(':job_id/timeline')
  @Operation({
    operationId: 'getJobTimeline',
    summary: 'How a job ran, to be drawn',
    description: 'All ids are stable. Pauses, refunds and loops are those of the whole job on every page.',
  })
  @ApiParam({ name: 'job_id' })
  @TakesQuery(timelineQuery)
  @Answers(200, 'JobTimeline', 'Iterations, steps, attempts, pauses, refunds and loops.')
  @Problems('job_not_found', 'validation_failed')
  async timeline(
    @Asking() caller: Caller,
    @Param('job_id') jobId: string,
    @Query() query: unknown,
  ): Promise<TimelineBody> {
    const { view, nextCursor } = await this.reader.timeline(caller, jobId, readQuery(timelineQuery, query));
    return toTimelineBody(view, nextCursor);
  }

  @Get(':job_id/steps')
  @Operation({ operationId: 'listJobSteps', summary: 'The steps of a job' })
  @ApiParam({ name: 'job_id' })
  @TakesQuery(pageQuery)
  @Answers(200, 'JobSteps', 'One page, in order.')
  @Problems('job_not_found', 'validation_failed')
  async steps(@Asking() caller: Caller, @Param('job_id') jobId: string, @Query() query: unknown): Promise<StepsBody> {
    const { steps, of, nextCursor } = await this.reader.steps(caller, jobId, readQuery(pageQuery, query));
    return toStepsBody(steps, of, nextCursor);
  }

  @Get(':job_id/steps/:step/attempts')
  @Operation({ operationId: 'listStepAttempts', summary: 'The attempts of a step' })
  @ApiParam({ name: 'job_id' })
  @ApiParam({ name: 'step', description: 'Its number inside the job, counted from 1.' })
  @Answers(200, 'StepAttempts', 'The step and every physical try of it.')
  @Problems('job_not_found', 'not_found')
  async attempts(
    @Asking() caller: Caller,
    @Param('job_id') jobId: string,
    @Param('step') step: string,
  ): Promise<AttemptsBody> {
    const found = await this.reader.step(caller, jobId, stepNumberOf(step));
    if (found === null) throw new ProblemError('not_found', 'This job has no such step.');
    return toAttemptsBody(found.step, found.of);
  }

  @Get(':job_id/result')
  @Operation({
    operationId: 'getJobResult',
    summary: 'What a job has brought',
    description: 'Also while it runs, and of a job that ended before it was done. Only for the bot and its account.',
  })
  @ApiParam({ name: 'job_id' })
  @Answers(200, 'JobResult', 'The answer, and the files by reference.')
  @Problems('job_not_found')
  async result(@Asking() caller: Caller, @Param('job_id') jobId: string): Promise<ResultBody> {
    return toResultBody(await this.reader.result(caller, jobId));
  }
}
