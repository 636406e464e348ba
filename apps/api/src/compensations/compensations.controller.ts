// API room. Compensations by staff: looked at first, asked for, decided by a second person, followed. Parse, call,
// convert.
import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Req, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AskingStaff, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { StaffCaller } from '../callers/caller.js';
import type { AskedByStaff } from '../grants/grant-desk.js';
import { readIdempotencyKey } from '../jobs/idempotency-key.js';
import { Answers, NeedsKey, Problems, Takes, TakesQuery } from '../openapi/describe.js';
import { BODY_PROBLEMS, ONCE_PROBLEMS } from '../openapi/usual-problems.js';
import { readBody, readQuery } from '../requests/body.js';
import { contextOf } from '../requests/request-context.js';
import type { CompensationBody, CompensationJobsBody, CompensationsBody } from './compensation-body.js';
import {
  askCompensationBody,
  compensationJobsQuery,
  compensationsQuery,
  decideCompensationBody,
  previewCompensationBody,
  takeBackBody,
  targetOf,
  toCompensationBody,
  toCompensationJobBody,
} from './compensation-body.js';
import { CompensationDesk } from './compensation-desk.js';
import { CompensationReader } from './compensation-reader.js';
import { CorrectionDesk } from './correction-desk.js';

@ApiTags('Support')
@NeedsKey()
@Controller('v1/support/compensations')
@UseGuards(CallerGuard)
export class CompensationsController {
  constructor(
    private readonly desk: CompensationDesk,
    private readonly reader: CompensationReader,
    private readonly corrections: CorrectionDesk,
  ) {}

  @Post('preview')
  @Operation({
    operationId: 'previewCompensation',
    summary: 'What a compensation would come to',
    description:
      'Job by job what is left to come back, and why nothing is where nothing is. Nothing moves. A large one is ' +
      'still `previewing` when this answers, as is one that cannot be begun at once: read it again. It can be posted ' +
      'by, once, by whoever made it.',
  })
  @Takes('PreviewCompensation')
  @Answers(201, 'Compensation', 'The preview.')
  @Problems('job_not_found', 'incident_not_found', 'loop_not_found', ...BODY_PROBLEMS)
  async preview(
    @Req() request: FastifyRequest,
    @AskingStaff() staff: StaffCaller,
    @Body() body: unknown,
  ): Promise<CompensationBody> {
    const { target } = readBody(previewCompensationBody, body);
    return toCompensationBody(await this.desk.preview(askedBy(staff, request), targetOf(target)));
  }

  @Post()
  @Operation({
    operationId: 'askForCompensation',
    summary: 'Give back what was charged',
    description:
      'By a preview, or of a target that is previewed first. Posted at once up to what one person of that role may ' +
      'give alone; above it the compensation is `requested` and waits for an admin other than who asked. Each job ' +
      'gets what is left of what was foreseen; where that is another amount, the job is listed as different.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: true, description: '1 to 255 bytes, no control characters.' })
  @Takes('AskForCompensation')
  @Answers(201, 'Compensation', 'The compensation as it is.')
  @Problems('job_not_found', 'incident_not_found', 'compensation_not_found', 'preview_not_usable')
  @Problems('loop_not_found', 'nothing_refundable', 'compensation_unknown', ...BODY_PROBLEMS, ...ONCE_PROBLEMS)
  async ask(
    @Req() request: FastifyRequest,
    @AskingStaff() staff: StaffCaller,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<CompensationBody> {
    const order = { idempotencyKey: readIdempotencyKey(key), body: readBody(askCompensationBody, body) };
    return toCompensationBody(await this.desk.ask(askedBy(staff, request), order));
  }

  @Get()
  @Operation({ operationId: 'listCompensations', summary: 'All compensations', description: 'The newest first.' })
  @TakesQuery(compensationsQuery)
  @Answers(200, 'Compensations', 'One page.')
  @Problems('validation_failed')
  async list(@AskingStaff() staff: StaffCaller, @Query() query: unknown): Promise<CompensationsBody> {
    const { rows, nextCursor } = await this.reader.ofAll(staff, readQuery(compensationsQuery, query));
    return { data: rows.map(toCompensationBody), next_cursor: nextCursor };
  }

  @Get(':compensation_id')
  @Operation({ operationId: 'getCompensation', summary: 'How far a compensation has got' })
  @ApiParam({ name: 'compensation_id' })
  @Answers(200, 'Compensation', 'The compensation.')
  @Problems('compensation_not_found')
  async get(@AskingStaff() staff: StaffCaller, @Param('compensation_id') id: string): Promise<CompensationBody> {
    return toCompensationBody(await this.reader.find(staff, id));
  }

  @Get(':compensation_id/jobs')
  @Operation({
    operationId: 'listCompensationJobs',
    summary: 'What each job got back',
    description: 'In the order in which they are posted.',
  })
  @ApiParam({ name: 'compensation_id' })
  @TakesQuery(compensationJobsQuery)
  @Answers(200, 'CompensationJobs', 'One page.')
  @Problems('compensation_not_found', 'validation_failed')
  async jobs(
    @AskingStaff() staff: StaffCaller,
    @Param('compensation_id') id: string,
    @Query() query: unknown,
  ): Promise<CompensationJobsBody> {
    const { rows, nextCursor } = await this.reader.jobs(staff, id, readQuery(compensationJobsQuery, query));
    return { data: rows.map(toCompensationJobBody), next_cursor: nextCursor };
  }

  @Post(':compensation_id/approve')
  @HttpCode(200)
  @Operation({
    operationId: 'approveCompensation',
    summary: 'Let a compensation through',
    description: 'By an admin who did not ask for it. Approving again comes to the same.',
  })
  @ApiParam({ name: 'compensation_id' })
  @Takes('DecideCompensation')
  @Answers(200, 'Compensation', 'The compensation, approved.')
  @Problems('compensation_not_found', 'compensation_decided', 'second_person_needed', 'compensation_unknown')
  @Problems(...BODY_PROBLEMS)
  async approve(
    @Req() request: FastifyRequest,
    @AskingStaff() staff: StaffCaller,
    @Param('compensation_id') compensationId: string,
    @Body() body: unknown,
  ): Promise<CompensationBody> {
    const { reason } = readBody(decideCompensationBody, body);
    const word = { compensationId, verdict: 'approve', reason } as const;
    return toCompensationBody(await this.desk.decide(askedBy(staff, request), word));
  }

  @Post(':compensation_id/reject')
  @HttpCode(200)
  @Operation({
    operationId: 'rejectCompensation',
    summary: 'Stop a compensation that waits',
    description: 'By anybody of the staff, also by who asked for it. Nothing is posted.',
  })
  @ApiParam({ name: 'compensation_id' })
  @Takes('DecideCompensation')
  @Answers(200, 'Compensation', 'The compensation, rejected.')
  @Problems('compensation_not_found', 'compensation_decided', 'compensation_unknown', ...BODY_PROBLEMS)
  async reject(
    @Req() request: FastifyRequest,
    @AskingStaff() staff: StaffCaller,
    @Param('compensation_id') compensationId: string,
    @Body() body: unknown,
  ): Promise<CompensationBody> {
    const { reason } = readBody(decideCompensationBody, body);
    const word = { compensationId, verdict: 'reject', reason } as const;
    return toCompensationBody(await this.desk.decide(askedBy(staff, request), word));
  }

  @Post(':compensation_id/take-back')
  @HttpCode(200)
  @Operation({
    operationId: 'takeBackCompensation',
    summary: 'Take back what was posted by mistake',
    description:
      'Of one job, as far as it is still there, by an entry of its own: what was spent meanwhile stays spent, and ' +
      'what came back of the job stands as it was.',
  })
  @ApiParam({ name: 'compensation_id' })
  @ApiHeader({ name: 'Idempotency-Key', required: true, description: '1 to 255 bytes, no control characters.' })
  @Takes('TakeBackCompensation')
  @Answers(200, 'Compensation', 'The compensation, with what was taken back of it.')
  @Problems('compensation_not_found', 'job_not_found', 'compensation_unknown', ...BODY_PROBLEMS, ...ONCE_PROBLEMS)
  async takeBack(
    @Req() request: FastifyRequest,
    @AskingStaff() staff: StaffCaller,
    @Param('compensation_id') compensationId: string,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<CompensationBody> {
    const order = { compensationId, idempotencyKey: readIdempotencyKey(key), body: readBody(takeBackBody, body) };
    return toCompensationBody(await this.corrections.takeBack(askedBy(staff, request), order));
  }
}

function askedBy(staff: StaffCaller, request: FastifyRequest): AskedByStaff {
  return { staff, requestId: contextOf(request).requestId };
}
