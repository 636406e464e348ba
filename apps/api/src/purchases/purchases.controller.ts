// API room. Credits that are bought: what is offered, an order, and what became of it. Parse, call, convert.
import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiParam, ApiTags } from '@nestjs/swagger';
import { Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { readIdempotencyKey } from '../jobs/idempotency-key.js';
import { Answers, NeedsKey, Problems, Takes, TakesQuery } from '../openapi/describe.js';
import { readBody, readQuery } from '../requests/body.js';
import type { OffersBody, PurchaseBody, PurchasesBody } from './purchase-body.js';
import { purchaseRequest, purchasesQuery, toOffersBody, toPurchaseBody } from './purchase-body.js';
import { PurchaseDesk } from './purchase-desk.js';

@ApiTags('Purchases')
@NeedsKey()
@Controller('v1')
@UseGuards(CallerGuard)
export class PurchasesController {
  constructor(private readonly desk: PurchaseDesk) {}

  @Get('offers')
  @Operation({
    operationId: 'listOffers',
    summary: 'What may be bought',
    description: 'By an account for itself, or by a visitor for one bot. Once, never again by itself.',
  })
  @Answers(200, 'Offers', 'All of them.')
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
  @Answers(201, 'Purchase', 'The purchase as it is.')
  @Problems(
    'product_not_found',
    'checkout_unknown',
    'idempotency_mismatch',
    'idempotency_key_missing',
    'idempotency_key_invalid',
    'malformed_json',
    'validation_failed',
    'unsupported_media_type',
  )
  async buy(
    @Asking() caller: Caller,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<PurchaseBody> {
    const idempotencyKey = readIdempotencyKey(key);
    const { product_id: productId } = readBody(purchaseRequest, body);
    return toPurchaseBody(await this.desk.buy({ caller, productId, idempotencyKey }));
  }

  @Get('purchases')
  @Operation({ operationId: 'listPurchases', summary: 'What was bought' })
  @TakesQuery(purchasesQuery)
  @Answers(200, 'Purchases', 'One page.')
  @Problems('validation_failed')
  async purchases(@Asking() caller: Caller, @Query() query: unknown): Promise<PurchasesBody> {
    const { purchases, nextCursor } = await this.desk.purchases(caller, readQuery(purchasesQuery, query));
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
