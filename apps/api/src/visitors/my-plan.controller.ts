// API room. A visitor's own plan at one bot: shown, previewed, ordered, ended, and a way back. Parse, call, convert.
import { Body, Controller, Get, HttpCode, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AskingVisitor, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { VisitorCaller } from '../callers/caller.js';
import { readIdempotencyKey } from '../jobs/idempotency-key.js';
import { Answers, NeedsVisitor, Problems, Takes } from '../openapi/describe.js';
import { BODY_PROBLEMS, ONCE_PROBLEMS } from '../openapi/usual-problems.js';
import { readBody } from '../requests/body.js';
import { contextOf } from '../requests/request-context.js';
import { previewChangeBody } from '../subscription/subscription-body.js';
import { languageOf } from '../wording/accept-language.js';
import type { Language } from '../wording/catalogue.js';
import type { MyPlanBody, MyPlanPreviewBody } from './my-plan-body.js';
import { orderMyPlanBody } from './my-plan-body.js';
import type { AskedByVisitor } from './my-plan-desk.js';
import { MyPlanDesk } from './my-plan-desk.js';

const ASKING = ['change_without_effect', 'subscription_unknown', ...ONCE_PROBLEMS] as const;

@ApiTags('Visitors')
@NeedsVisitor()
@ApiHeader({ name: 'Accept-Language', required: false })
@Controller('v1/me/plan')
@UseGuards(CallerGuard)
export class MyPlanController {
  constructor(private readonly desk: MyPlanDesk) {}

  @Get()
  @Operation({
    operationId: 'getMyPlan',
    summary: 'The plan of this visitor at this bot',
    description: 'With the plans the bot offers, and what a visitor is told before ordering one.',
  })
  @Answers(200, 'MyPlan', 'As it stands, at this bot alone.')
  async plan(
    @Res({ passthrough: true }) reply: FastifyReply,
    @AskingVisitor() caller: VisitorCaller,
  ): Promise<MyPlanBody> {
    return this.desk.plan(caller, speaking(reply));
  }

  @Post('preview')
  @HttpCode(200)
  @Operation({
    operationId: 'previewMyPlan',
    summary: 'What ordering, ending or keeping a plan would do',
    description: 'Changes nothing. Send `period_start` along with the order.',
  })
  @Takes('PreviewPlanChange')
  @Answers(200, 'MyPlanPreview', 'The exact usage units, what is to be paid, and when the allowance is full again.')
  @Problems('plan_not_offered', 'change_without_effect', ...BODY_PROBLEMS)
  async preview(
    @Res({ passthrough: true }) reply: FastifyReply,
    @AskingVisitor() caller: VisitorCaller,
    @Body() body: unknown,
  ): Promise<MyPlanPreviewBody> {
    return this.desk.preview(caller, readBody(previewChangeBody, body), speaking(reply));
  }

  @Post()
  @HttpCode(200)
  @Operation({
    operationId: 'orderMyPlan',
    summary: 'Order a plan, or change to another one',
    description:
      'It begins once it is paid at `ordered.checkout_url`, or at once where that is confirmed at once. The same key ' +
      'and body again answer as the first time.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: true, description: '1 to 255 bytes, no control characters.' })
  @Takes('OrderMyPlan')
  @Answers(200, 'MyPlan', 'As it stands now.')
  @Problems('plan_not_offered', 'preview_stale', 'bot_archived', 'bot_private', 'rate_limited')
  @Problems(...ASKING, ...BODY_PROBLEMS)
  async order(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @AskingVisitor() caller: VisitorCaller,
    @Body() body: unknown,
  ): Promise<MyPlanBody> {
    const asked = askedOnce(request, reply, caller);
    const { plan_id: planId, previewed_period: previewedPeriod } = readBody(orderMyPlanBody, body);
    return this.desk.order(asked, { planId, previewedPeriod });
  }

  @Post('cancel')
  @HttpCode(200)
  @Operation({
    operationId: 'cancelMyPlan',
    summary: 'End the plan of this visitor',
    description: 'When the paid time is over; the present allowance stays until then.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: true, description: '1 to 255 bytes, no control characters.' })
  @Answers(200, 'MyPlan', 'As it stands now.')
  @Problems('subscription_not_found', ...ASKING)
  async cancel(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @AskingVisitor() caller: VisitorCaller,
  ): Promise<MyPlanBody> {
    return this.desk.cancel(askedOnce(request, reply, caller));
  }

  @Post('undo')
  @HttpCode(200)
  @Operation({
    operationId: 'undoMyPlan',
    summary: 'Take back what is planned or ordered',
    description: 'The present plan goes on.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: true, description: '1 to 255 bytes, no control characters.' })
  @Answers(200, 'MyPlan', 'As it stands now.')
  @Problems('subscription_not_found', ...ASKING)
  async undo(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @AskingVisitor() caller: VisitorCaller,
  ): Promise<MyPlanBody> {
    return this.desk.undo(askedOnce(request, reply, caller));
  }
}

function speaking(reply: FastifyReply): Language {
  const language = languageOf(reply.request.headers['accept-language']);
  void reply.header('content-language', language);
  return language;
}

function askedOnce(request: FastifyRequest, reply: FastifyReply, caller: VisitorCaller): AskedByVisitor {
  return {
    caller,
    requestId: contextOf(request).requestId,
    idempotencyKey: readIdempotencyKey(request.headers['idempotency-key']),
    language: speaking(reply),
  };
}
