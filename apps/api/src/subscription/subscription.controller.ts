// API room. The plan of an account: shown, previewed, changed, ended, and a way back. Parse, call, convert.
import { Body, Controller, Get, Headers, HttpCode, Post, Req, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { askedBy } from '../changes/asked-by.js';
import { readIdempotencyKey } from '../jobs/idempotency-key.js';
import { Answers, NeedsKey, Problems, Takes } from '../openapi/describe.js';
import { BODY_PROBLEMS, ONCE_PROBLEMS } from '../openapi/usual-problems.js';
import { readBody } from '../requests/body.js';
import type { ChangePreviewBody, SubscriptionBody } from './subscription-body.js';
import { changePlanBody, previewChangeBody } from './subscription-body.js';
import { SubscriptionDesk } from './subscription-desk.js';

const ASKING = ['subscription_not_found', 'subscription_unknown', 'account_not_active', ...ONCE_PROBLEMS] as const;

@ApiTags('Subscription')
@NeedsKey()
@Controller('v1/account/subscription')
@UseGuards(CallerGuard)
export class SubscriptionController {
  constructor(private readonly desk: SubscriptionDesk) {}

  @Get()
  @Operation({
    operationId: 'getSubscription',
    summary: 'The plan of the account',
    description: 'Its period, what is scheduled or ordered, what is owed, and what the next renewal brings and costs.',
  })
  @Answers(200, 'Subscription', 'As it stands.')
  @Problems('subscription_not_found', 'subscription_unknown')
  async subscription(@Asking() caller: Caller): Promise<SubscriptionBody> {
    return this.desk.subscription(caller);
  }

  @Post('preview')
  @HttpCode(200)
  @Operation({
    operationId: 'previewPlanChange',
    summary: 'What a change of plan would do',
    description:
      'Changes nothing. A larger plan takes effect at once, or when it is paid; a smaller one and the end wait for ' +
      'the end of the paid time. Send `period_start` along with the change.',
  })
  @Takes('PreviewPlanChange')
  @Answers(200, 'PlanChangePreview', 'The exact credits, the price and the next renewal.')
  @Problems('plan_not_offered', 'change_without_effect', 'subscription_not_found', ...BODY_PROBLEMS)
  async preview(@Asking() caller: Caller, @Body() body: unknown): Promise<ChangePreviewBody> {
    return this.desk.preview(caller, readBody(previewChangeBody, body));
  }

  @Post('change')
  @HttpCode(200)
  @Operation({
    operationId: 'changePlan',
    summary: 'Change the plan',
    description:
      'As the preview told. With a price it is ordered, and the old plan is in force until it is paid at ' +
      '`order.checkout_url`. The same key and body again answer as the first time.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: true, description: '1 to 255 bytes, no control characters.' })
  @Takes('ChangePlan')
  @Answers(200, 'Subscription', 'As it stands now.')
  @Problems('plan_not_offered', 'preview_stale', 'change_without_effect', ...ASKING, ...BODY_PROBLEMS)
  async change(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<SubscriptionBody> {
    const asked = { ...askedBy(caller, request), idempotencyKey: readIdempotencyKey(key) };
    const { plan_id: planId, previewed_period: previewedPeriod } = readBody(changePlanBody, body);
    return this.desk.change(asked, { planId, previewedPeriod });
  }

  @Post('cancel')
  @HttpCode(200)
  @Operation({
    operationId: 'cancelPlan',
    summary: 'End the paid plan',
    description: 'At the end of the time that is paid for; what was paid stays until then. Then the free plan follows.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: true, description: '1 to 255 bytes, no control characters.' })
  @Answers(200, 'Subscription', 'As it stands now.')
  @Problems('change_without_effect', ...ASKING)
  async cancel(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Headers('idempotency-key') key: string | undefined,
  ): Promise<SubscriptionBody> {
    return this.desk.cancel({ ...askedBy(caller, request), idempotencyKey: readIdempotencyKey(key) });
  }

  @Post('undo')
  @HttpCode(200)
  @Operation({
    operationId: 'undoPlanChange',
    summary: 'Take back what is scheduled or ordered',
    description: 'The present plan goes on, as if nothing had been asked.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: true, description: '1 to 255 bytes, no control characters.' })
  @Answers(200, 'Subscription', 'As it stands now.')
  @Problems('change_without_effect', ...ASKING)
  async undo(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Headers('idempotency-key') key: string | undefined,
  ): Promise<SubscriptionBody> {
    return this.desk.undo({ ...askedBy(caller, request), idempotencyKey: readIdempotencyKey(key) });
  }
}
