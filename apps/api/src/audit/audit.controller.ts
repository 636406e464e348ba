// API room. Who changed what in an account, and for staff in all of them and in none. Parse, call, convert.
import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Asking, AskingStaff, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller, StaffCaller } from '../callers/caller.js';
import { Answers, NeedsKey, Problems, TakesQuery } from '../openapi/describe.js';
import { readQuery } from '../requests/body.js';
import type { AuditBody, StaffAuditBody } from './audit-body.js';
import { auditQuery, staffAuditQuery, toAuditBody, toStaffAuditBody } from './audit-body.js';
import { AuditReader } from './audit-reader.js';

@ApiTags('Account')
@NeedsKey()
@Controller('v1/audit')
@UseGuards(CallerGuard)
export class AuditController {
  constructor(private readonly reader: AuditReader) {}

  @Get()
  @Operation({
    operationId: 'listAudit',
    summary: 'Who changed what',
    description:
      'One line for each change by a person, a key or our staff, the newest first: who, from what to what, and why. ' +
      'Lines are never altered. A reason that was erased is no longer shown.',
  })
  @TakesQuery(auditQuery)
  @Answers(200, 'Audit', 'One page.')
  @Problems('validation_failed')
  async lines(@Asking() caller: Caller, @Query() query: unknown): Promise<AuditBody> {
    return toAuditBody(await this.reader.lines(caller, readQuery(auditQuery, query)));
  }
}

@ApiTags('Operations')
@NeedsKey()
@Controller('v1/admin/audit')
@UseGuards(CallerGuard)
export class StaffAuditController {
  constructor(private readonly reader: AuditReader) {}

  @Get()
  @Operation({
    operationId: 'listStaffAudit',
    summary: 'Who changed what, in every account and in none',
    description:
      'The newest first; filters combine. What staff did to no one account, such as an incident that was written ' +
      'down, is of none. Reasons are those of the staff.',
  })
  @TakesQuery(staffAuditQuery)
  @Answers(200, 'StaffAudit', 'One page.')
  @Problems('validation_failed')
  async lines(@AskingStaff() staff: StaffCaller, @Query() query: unknown): Promise<StaffAuditBody> {
    return toStaffAuditBody(await this.reader.ofAll(staff, readQuery(staffAuditQuery, query)));
  }
}
