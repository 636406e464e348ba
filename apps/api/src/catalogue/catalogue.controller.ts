// API room. Which models there are, what they cost, and every rate card that was ever announced. Parse, call, convert.
import { Controller, Get, Param, Query, UseGuards } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { Answers, NeedsKey, Problems, TakesQuery } from '../openapi/describe.js';
import { readQuery } from '../requests/body.js';
import { pageQuery } from '../requests/page.js';
import { CatalogueReader } from './catalogue-reader.js';
import type { ModelsBody } from './models-body.js';
import { toModelsBody } from './models-body.js';
import type { RateCardBody, RateCardsBody } from './rate-cards-body.js';
import { toRateCardBody, toRateCardsBody } from './rate-cards-body.js';

@ApiTags('Prices')
@NeedsKey()
@Controller('v1')
@UseGuards(CallerGuard)
export class CatalogueController {
  constructor(private readonly reader: CatalogueReader) {}

  @Get('models')
  @Operation({
    operationId: 'listModels',
    summary: 'The models, what they cost and who may use them',
    description: 'Of the rate card in force. All pages of one listing show the same card.',
  })
  @TakesQuery(pageQuery)
  @Answers(200, 'Models', 'One page.')
  @Problems('validation_failed')
  async models(@Asking() caller: Caller, @Query() query: unknown): Promise<ModelsBody> {
    return toModelsBody(await this.reader.models(caller, readQuery(pageQuery, query)));
  }

  @Get('rate-cards')
  @Operation({
    operationId: 'listRateCards',
    summary: 'The rate cards, newest first',
    description: 'A published card never changes; a change of prices is a new card, announced before it takes effect.',
  })
  @TakesQuery(pageQuery)
  @Answers(200, 'RateCards', 'One page.')
  @Problems('validation_failed')
  async cards(@Asking() caller: Caller, @Query() query: unknown): Promise<RateCardsBody> {
    return toRateCardsBody(await this.reader.cards(caller, readQuery(pageQuery, query)));
  }

  @Get('rate-cards/:rate_card_id')
  @Operation({ operationId: 'getRateCard', summary: 'One rate card with all its lines' })
  @ApiParam({ name: 'rate_card_id' })
  @Answers(200, 'RateCard', 'The card.')
  @Problems('not_found')
  async card(@Asking() caller: Caller, @Param('rate_card_id') id: string): Promise<RateCardBody> {
    return toRateCardBody(await this.reader.rateCard(caller, id));
  }
}
