// API room. Incidents: written down by admins, read by all of the staff. Parse, call, convert.
import { Body, Controller, Get, Headers, Param, Patch, Post, Query, Req, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AskingStaff, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { StaffCaller } from '../callers/caller.js';
import { readIdempotencyKey } from '../jobs/idempotency-key.js';
import { Answers, NeedsKey, Problems, Takes, TakesQuery } from '../openapi/describe.js';
import { BODY_PROBLEMS, ONCE_PROBLEMS } from '../openapi/usual-problems.js';
import { readBody, readQuery } from '../requests/body.js';
import { pageQuery } from '../requests/page.js';
import { contextOf } from '../requests/request-context.js';
import type { IncidentBody, IncidentsBody } from './incident-body.js';
import { changeIncidentBody, newIncidentBody, toIncidentBody } from './incident-body.js';
import { IncidentDesk } from './incident-desk.js';

@ApiTags('Operations')
@NeedsKey()
@Controller('v1/admin/incidents')
@UseGuards(CallerGuard)
export class IncidentsController {
  constructor(private readonly desk: IncidentDesk) {}

  @Post()
  @Operation({
    operationId: 'addIncident',
    summary: 'Write down an incident',
    description:
      'A time in which a provider, a model, a region, a tool of ours or all of it was failing. Loops found from then ' +
      'on are judged by it, reviews name it, and what it cost can be given back as one compensation.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: true, description: '1 to 255 bytes, no control characters.' })
  @Takes('AddIncident')
  @Answers(201, 'Incident', 'The incident.')
  @Problems(...BODY_PROBLEMS, ...ONCE_PROBLEMS)
  async add(
    @Req() request: FastifyRequest,
    @AskingStaff() staff: StaffCaller,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<IncidentBody> {
    const asked = { staff, requestId: contextOf(request).requestId };
    return toIncidentBody(await this.desk.add(asked, readIdempotencyKey(key), readBody(newIncidentBody, body)));
  }

  @Get()
  @Operation({ operationId: 'listIncidents', summary: 'Incidents' })
  @TakesQuery(pageQuery)
  @Answers(200, 'Incidents', 'One page.')
  @Problems('validation_failed')
  async list(@AskingStaff() staff: StaffCaller, @Query() query: unknown): Promise<IncidentsBody> {
    const { rows, nextCursor } = await this.desk.page(staff, readQuery(pageQuery, query));
    return { data: rows.map(toIncidentBody), next_cursor: nextCursor };
  }

  @Get(':incident_id')
  @Operation({ operationId: 'getIncident', summary: 'An incident' })
  @ApiParam({ name: 'incident_id' })
  @Answers(200, 'Incident', 'The incident.')
  @Problems('incident_not_found')
  async get(@AskingStaff() staff: StaffCaller, @Param('incident_id') id: string): Promise<IncidentBody> {
    return toIncidentBody(await this.desk.find(staff, id));
  }

  @Patch(':incident_id')
  @Operation({
    operationId: 'changeIncident',
    summary: 'Say when an incident was over',
    description: 'Its end and its description may become known later; when it began and where is said once.',
  })
  @ApiParam({ name: 'incident_id' })
  @Takes('ChangeIncident')
  @Answers(200, 'Incident', 'The incident.')
  @Problems('incident_not_found', ...BODY_PROBLEMS)
  async change(
    @Req() request: FastifyRequest,
    @AskingStaff() staff: StaffCaller,
    @Param('incident_id') id: string,
    @Body() body: unknown,
  ): Promise<IncidentBody> {
    const asked = { staff, requestId: contextOf(request).requestId };
    return toIncidentBody(await this.desk.change(asked, id, readBody(changeIncidentBody, body)));
  }
}
