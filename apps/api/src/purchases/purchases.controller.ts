// API room. Credits that are bought: what is offered, an order, and what became of it. Parse, call, convert.
import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Req, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { askedBy } from '../changes/asked-by.js';
import { readIdempotencyKey } from '../jobs/idempotency-key.js';
import { Answers, NeedsKey, Problems, Takes, TakesQuery } from '../openapi/describe.js';
import { BODY_PROBLEMS, ONCE_PROBLEMS } from '../openapi/usual-problems.js';
import { readBody, readQuery } from '../requests/body.js';
import { pageQuery } from '../requests/page.js';
import type { BoughtBody, OffersBody, PurchaseBody, PurchasesBody } from './purchase-body.js';
import { purchaseRequest, toBoughtBody, toOffersBody, toPurchaseBody } from './purchase-body.js';
import { PurchaseDesk } from './purchase-desk.js';
import { PurchaseHints } from './purchase-hints.js';

@ApiTags('Purchases')
@NeedsKey()
@Controller('v1')
@UseGuards(CallerGuard)
export class PurchasesController {
  constructor(
    private readonly desk: PurchaseDesk,
    private readonly hints: PurchaseHints,
  ) {}

  @Get('offers')
  @Operation({
    operationId: 'listOffers',
    summary: 'What may be bought',
    description: 'By an account for itself, or by a visitor for one bot. Once, never again by itself.',
  })
  @Answers(200, 'Offers', 'All of them; none where nothing may be bought.')
  async offers(@Asking() caller: Caller): Promise<OffersBody> {
    return toOffersBody(await this.desk.offers(caller));
  }

  @Post('purchases')
  @HttpCode(201)
  @Operation({
    operationId: 'buy',
    summary: 'Buy credits',
    description:
      'Answers with the page on which to pay, or, where the provider confirms at once, with the credits. The same ' +
      'key and body again answer with the same purchase as it is now.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: true, description: '1 to 255 bytes, no control characters.' })
  @Takes('Buy')
  @Answers(201, 'Bought', 'The purchase as it is.')
  @Problems('product_not_found', 'checkout_unknown', 'account_not_active', 'bot_archived', 'bot_private')
  @Problems('rate_limited', ...ONCE_PROBLEMS, ...BODY_PROBLEMS)
  async buy(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<BoughtBody> {
    const idempotencyKey = readIdempotencyKey(key);
    const { product_id: productId, visitor_tokens: visitorTokens } = readBody(purchaseRequest, body);
    const buy = { ...askedBy(caller, request), productId, visitorTokens, idempotencyKey };
    const purchase = await this.desk.buy(buy);
    return toBoughtBody(purchase, await this.hints.of(caller, purchase));
  }

  @Get('purchases')
  @Operation({ operationId: 'listPurchases', summary: 'What was bought' })
  @TakesQuery(pageQuery)
  @Answers(200, 'Purchases', 'One page.')
  @Problems('validation_failed')
  async purchases(@Asking() caller: Caller, @Query() query: unknown): Promise<PurchasesBody> {
    const { purchases, nextCursor } = await this.desk.purchases(caller, readQuery(pageQuery, query));
    return { data: purchases.map(toPurchaseBody), next_cursor: nextCursor };
  }

  @Get('purchases/:purchase_id')
  @Operation({ operationId: 'getPurchase', summary: 'One purchase' })
  @ApiParam({ name: 'purchase_id' })
  @Answers(200, 'Purchase', 'The purchase as it is.')
  @Problems('purchase_not_found')
  async purchase(@Asking() caller: Caller, @Param('purchase_id') purchaseId: string): Promise<PurchaseBody> {
    return toPurchaseBody(await this.desk.purchase(caller, purchaseId));
  }
}
