// API room. Webhooks: where an account is told what happens. Parse, call, convert.
import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Patch, Post, Query, Req } from '@nestjs/common';
import { UseGuards } from '@nestjs/common';
import { ApiHeader, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { askedBy } from '../changes/asked-by.js';
import { readIdempotencyKey } from '../jobs/idempotency-key.js';
import { Answers, NeedsKey, Problems, Takes, TakesQuery } from '../openapi/describe.js';
import { BODY_PROBLEMS, ONCE_PROBLEMS } from '../openapi/usual-problems.js';
import { validationFailed } from '../problems/problem-error.js';
import { readBody, readQuery } from '../requests/body.js';
import { pageQuery } from '../requests/page.js';
import type {
  MadeWebhookBody,
  redeliveredBody,
  testedWebhookBody,
  WebhookBody,
  WebhookDeliveriesBody,
  WebhooksBody,
} from './webhook-body.js';
import {
  changeWebhookBody,
  newWebhookBody,
  redeliverBody,
  rotateWebhookBody,
  toDeliveryBody,
  toWebhookBody,
} from './webhook-body.js';
import { WebhookDesk } from './webhook-desk.js';

const ONE_KEY = { name: 'Idempotency-Key', required: true, description: '1 to 255 bytes, no control characters.' };

@ApiTags('Webhooks')
@NeedsKey()
@Controller('v1/account/webhooks')
@UseGuards(CallerGuard)
export class WebhooksController {
  constructor(private readonly desk: WebhookDesk) {}

  @Get()
  @Operation({ operationId: 'listWebhooks', summary: 'The webhooks of the account' })
  @Answers(200, 'Webhooks', 'All of them, the oldest first.')
  async list(@Asking() caller: Caller): Promise<WebhooksBody> {
    return { data: (await this.desk.list(caller)).map(toWebhookBody) };
  }

  @Post()
  @Operation({
    operationId: 'makeWebhook',
    summary: 'Have events sent to a URL',
    description:
      'Each is signed after the Standard Webhooks with the secret in this answer, which is nowhere else. What does ' +
      'not arrive is tried again for three days, in order; `docs/webhooks.md` says how to check and what is sent.',
  })
  @ApiHeader(ONE_KEY)
  @Takes('NewWebhook')
  @Answers(201, 'MadeWebhook', 'The webhook and its secret.')
  @Problems('too_many_webhooks', 'webhooks_off', 'account_not_active', ...ONCE_PROBLEMS, ...BODY_PROBLEMS)
  async make(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<MadeWebhookBody> {
    const asked = { ...askedBy(caller, request), idempotencyKey: readIdempotencyKey(key) };
    return this.desk.make(asked, readBody(newWebhookBody, body));
  }

  @Patch(':webhook_id')
  @Operation({ operationId: 'changeWebhook', summary: 'Change where it leads and what is sent there, or disable it' })
  @ApiParam({ name: 'webhook_id' })
  @Takes('ChangeWebhook')
  @Answers(200, 'Webhook', 'As it is now.')
  @Problems('webhook_not_found', 'account_not_active', ...BODY_PROBLEMS)
  async change(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('webhook_id') id: string,
    @Body() body: unknown,
  ): Promise<WebhookBody> {
    return this.desk.change(askedBy(caller, request), id, readBody(changeWebhookBody, body));
  }

  @Delete(':webhook_id')
  @Operation({ operationId: 'deleteWebhook', summary: 'Have nothing sent there any more' })
  @ApiParam({ name: 'webhook_id' })
  @Answers(200, 'Webhook', 'As it was: it is gone, with what waited to be sent.')
  @Problems('webhook_not_found')
  async delete(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('webhook_id') id: string,
  ): Promise<WebhookBody> {
    return this.desk.delete(askedBy(caller, request), id);
  }

  @Post(':webhook_id/rotate')
  @Operation({
    operationId: 'rotateWebhookSecret',
    summary: 'Put a new secret in the place of one',
    description: 'For the overlap each message carries the signatures of both: a receiver may check by either.',
  })
  @ApiParam({ name: 'webhook_id' })
  @ApiHeader(ONE_KEY)
  @Takes('RotateWebhook')
  @Answers(201, 'MadeWebhook', 'The webhook and its new secret.')
  @Problems('webhook_not_found', 'webhooks_off', 'account_not_active', ...ONCE_PROBLEMS, ...BODY_PROBLEMS)
  async rotate(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('webhook_id') id: string,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<MadeWebhookBody> {
    const asked = { ...askedBy(caller, request), idempotencyKey: readIdempotencyKey(key) };
    return this.desk.rotate(asked, id, readBody(rotateWebhookBody, body).overlap_seconds);
  }

  @Post(':webhook_id/test')
  @HttpCode(202)
  @Operation({ operationId: 'testWebhook', summary: 'Send an event of type webhook.test there' })
  @ApiParam({ name: 'webhook_id' })
  @Answers(202, 'TestedWebhook', 'It is on its way: the deliveries say what came of it.')
  @Problems('webhook_not_found', 'webhook_disabled', 'account_not_active')
  async test(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('webhook_id') id: string,
  ): Promise<z.output<typeof testedWebhookBody>> {
    await this.desk.test(askedBy(caller, request), id);
    return { webhook_id: id, type: 'webhook.test' };
  }

  @Get(':webhook_id/deliveries')
  @Operation({
    operationId: 'listWebhookDeliveries',
    summary: 'What was sent there in the last month, and what came of it',
  })
  @ApiParam({ name: 'webhook_id' })
  @TakesQuery(pageQuery)
  @Answers(200, 'WebhookDeliveries', 'One page.')
  @Problems('webhook_not_found', 'validation_failed')
  async deliveries(
    @Asking() caller: Caller,
    @Param('webhook_id') id: string,
    @Query() query: unknown,
  ): Promise<WebhookDeliveriesBody> {
    const { rows, nextCursor } = await this.desk.deliveries(caller, id, readQuery(pageQuery, query));
    return { data: rows.map(toDeliveryBody), next_cursor: nextCursor };
  }

  @Post(':webhook_id/redeliver')
  @HttpCode(202)
  @Operation({
    operationId: 'redeliverWebhook',
    summary: 'Send one event, or all since an instant, once more',
    description: 'Under the ids they had, in the order they had.',
  })
  @ApiParam({ name: 'webhook_id' })
  @Takes('RedeliverWebhook')
  @Answers(202, 'RedeliveredWebhook', 'They are on their way.')
  @Problems('webhook_not_found', 'webhook_disabled', 'account_not_active', ...BODY_PROBLEMS)
  async redeliver(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('webhook_id') id: string,
    @Body() body: unknown,
  ): Promise<z.output<typeof redeliveredBody>> {
    const wish = readBody(redeliverBody, body);
    if (wish === null) throw validationFailed([{ pointer: '', message: 'must name one: event_id or since' }]);
    return { webhook_id: id, events: await this.desk.redeliver(askedBy(caller, request), id, wish) };
  }
}
