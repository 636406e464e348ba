// API room. A bundle that is bought by itself when too little is left. Parse, call, convert.
import { Body, Controller, Get, Put, Req, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { askedBy } from '../changes/asked-by.js';
import { Answers, NeedsKey, Problems, Takes } from '../openapi/describe.js';
import { BODY_PROBLEMS } from '../openapi/usual-problems.js';
import { readBody } from '../requests/body.js';
import type { AutoTopUpBody } from './auto-top-up-body.js';
import { autoTopUpRequest, toAutoTopUpBody } from './auto-top-up-body.js';
import { AutoTopUpDesk } from './auto-top-up-desk.js';

@ApiTags('Purchases')
@NeedsKey()
@Controller('v1/account/auto-top-up')
@UseGuards(CallerGuard)
export class AutoTopUpController {
  constructor(private readonly desk: AutoTopUpDesk) {}

  @Get()
  @Operation({ operationId: 'getAutoTopUp', summary: 'Whether a bundle is bought by itself, and how that stands' })
  @Answers(200, 'AutoTopUp', 'As it is set now; switched off where it was never set.')
  async topUp(@Asking() caller: Caller): Promise<AutoTopUpBody> {
    return toAutoTopUpBody(await this.desk.shown(caller));
  }

  @Put()
  @Operation({
    operationId: 'setAutoTopUp',
    summary: 'Have a bundle bought when too little is left, or stop that',
    description:
      'Where less than `threshold` is available, the bundle is bought and paid with what the plan of the account was ' +
      'paid with last: one at a time, and never for more than `monthly_cap` in a month. After a payment ' +
      'that failed nothing is tried for a day, and after one that was disputed or sent back nothing at all, until ' +
      'it is set anew.',
  })
  @Takes('SetAutoTopUp')
  @Answers(200, 'AutoTopUp', 'As it is set now.')
  @Problems('product_not_found', 'account_not_active', ...BODY_PROBLEMS)
  async set(@Req() request: FastifyRequest, @Asking() caller: Caller, @Body() body: unknown): Promise<AutoTopUpBody> {
    await this.desk.set(askedBy(caller, request), readBody(autoTopUpRequest, body));
    return toAutoTopUpBody(await this.desk.shown(caller));
  }
}
