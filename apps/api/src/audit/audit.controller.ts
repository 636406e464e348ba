// API room. Who changed what in an account. Parse, call, convert.
import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { Answers, NeedsKey, Problems, TakesQuery } from '../openapi/describe.js';
import { readQuery } from '../requests/body.js';
import type { AuditBody } from './audit-body.js';
import { auditQuery, toAuditBody } from './audit-body.js';
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
