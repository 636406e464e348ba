// API room. For whoever runs the platform: drift and what was done about it, and alerts. Parse, call, convert.
import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, UseGuards } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AskingStaff, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { StaffCaller } from '../callers/caller.js';
import { Answers, NeedsKey, Problems, Takes, TakesQuery } from '../openapi/describe.js';
import { BODY_PROBLEMS } from '../openapi/usual-problems.js';
import { readBody, readQuery } from '../requests/body.js';
import { contextOf } from '../requests/request-context.js';
import { Alerts } from './alerts.js';
import type { AlertsBody, DriftBody, DriftsBody } from './drift-body.js';
import { driftQuery, resolveDriftBody, toAlertsBody, toDriftBody } from './drift-body.js';
import { DriftDesk } from './drift-desk.js';

@ApiTags('Operations')
@NeedsKey()
@Controller('v1/admin')
@UseGuards(CallerGuard)
export class OperationsController {
  constructor(
    private readonly desk: DriftDesk,
    private readonly alerts: Alerts,
  ) {}

  @Get('drift')
  @Operation({
    operationId: 'listDrift',
    summary: 'What ledger, meters and workflows say differently, and what was done about it',
    description:
      'Of all accounts, the newest first. A job whose workflow is gone is settled by itself and stands here with ' +
      'what became of it; all else is only listed, and waits for a person or passes.',
  })
  @TakesQuery(driftQuery)
  @Answers(200, 'Drifts', 'One page.')
  @Problems('validation_failed')
  async drift(@AskingStaff() staff: StaffCaller, @Query() query: unknown): Promise<DriftsBody> {
    const { rows, nextCursor } = await this.desk.page(staff, readQuery(driftQuery, query));
    return { data: rows.map(toDriftBody), next_cursor: nextCursor };
  }

  @Post('drift/:drift_id/resolve')
  @HttpCode(200)
  @Operation({
    operationId: 'resolveDrift',
    summary: 'Close drift that somebody has looked into',
    description:
      'With a reason, kept in the audit. It moves no credits. What passes by itself is listed again while it lasts. ' +
      'Closing again comes to the same.',
  })
  @ApiParam({ name: 'drift_id' })
  @Takes('ResolveDrift')
  @Answers(200, 'Drift', 'The drift, closed.')
  @Problems('drift_not_found', 'drift_resolved', ...BODY_PROBLEMS)
  async resolve(
    @Req() request: FastifyRequest,
    @AskingStaff() staff: StaffCaller,
    @Param('drift_id') driftId: string,
    @Body() body: unknown,
  ): Promise<DriftBody> {
    const { reason } = readBody(resolveDriftBody, body);
    const { requestId } = contextOf(request);
    return toDriftBody(await this.desk.resolve({ staff, requestId, driftId, reason }));
  }

  @Get('alerts')
  @Operation({
    operationId: 'listAlerts',
    summary: 'What needs somebody now',
    description: 'The same figures are the metric `fairmeter_alert` of `/metrics`, by code.',
  })
  @Answers(200, 'Alerts', 'The alerts of this moment.')
  async now(): Promise<AlertsBody> {
    return toAlertsBody(await this.alerts.now());
  }
}
