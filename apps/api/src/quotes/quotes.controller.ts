// API room. What a job will cost before it runs. Parse, call, convert.
import { Body, Controller, Post, UseGuards } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { admitBot, ApiKeyGuard, Holder, NeedsScope } from '../keys/api-key.guard.js';
import type { KeyHolder } from '../keys/key-holder.js';
import { SUBMIT_SCOPE } from '../keys/key-holder.js';
import { REQUEST_PROBLEMS } from '../jobs/request-problems.js';
import { Answers, NeedsKey, Problems, Takes } from '../openapi/describe.js';
import { validationFailed } from '../problems/problem-error.js';
import { readBody } from '../requests/body.js';
import type { QuoteBody } from './quote-body.js';
import { toQuoteBody } from './quote-body.js';
import { QuoteDesk } from './quote-desk.js';
import { quoteRequest } from './quote-request.js';

@ApiTags('Prices')
@NeedsKey()
@Controller('v1/quotes')
@UseGuards(ApiKeyGuard)
export class QuotesController {
  constructor(private readonly desk: QuoteDesk) {}

  @Post()
  @NeedsScope(SUBMIT_SCOPE)
  @ApiOperation({
    operationId: 'giveQuote',
    summary: 'What a job will cost',
    description:
      'A range, the lots that would pay, and hints. A job that names the quote before it is over never costs more ' +
      'than `max`, and keeps the card of the quote. Nothing is held; asking again gives a new quote.',
  })
  @Takes('QuoteRequest')
  @Answers(201, 'Quote', 'The quote.')
  @Problems(...REQUEST_PROBLEMS)
  async quote(@Holder() holder: KeyHolder, @Body() body: unknown): Promise<QuoteBody> {
    const { bot_id: asked, ...request } = readBody(quoteRequest, body);
    const botId = asked ?? (holder.kind === 'bot' ? holder.botId : undefined);
    if (botId === undefined) {
      throw validationFailed([{ pointer: '/bot_id', message: 'is needed with a key of the account' }]);
    }
    admitBot(holder, botId);
    return toQuoteBody(await this.desk.give({ holder, botId, request }));
  }
}
