// API room. The plans as anybody may compare them before there is an account. No key is asked for; whoever shows one
// sees what was agreed with that account as well.
import { Controller, Get, Query, Req } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Callers } from '../callers/callers.js';
import { Answers, Problems, TakesQuery } from '../openapi/describe.js';
import { readQuery } from '../requests/body.js';
import { CatalogueReader } from './catalogue-reader.js';
import type { PlansBody } from './plans-body.js';
import { plansQuery, toPlansBody } from './plans-body.js';

@ApiTags('Prices')
@Controller('v1')
export class PlansController {
  constructor(
    private readonly reader: CatalogueReader,
    private readonly callers: Callers,
  ) {}

  @Get('plans')
  @ApiOperation({
    operationId: 'listPlans',
    summary: 'The plans side by side: credits, price, limits and features',
    description:
      'As they are sold now, from the smallest to the largest. A subscription keeps the version it started or was ' +
      'last renewed with. Custom plans are agreed with one account: its people and keys see them beside the others.',
  })
  @TakesQuery(plansQuery)
  @Answers(200, 'Plans', 'All of them.')
  @Problems('validation_failed')
  async plans(@Req() request: FastifyRequest, @Query() query: unknown): Promise<PlansBody> {
    const { scope } = readQuery(plansQuery, query);
    return toPlansBody(await this.reader.plans(await this.callers.ofAccount(request), scope));
  }
}
