// API room. What a job will cost before it runs. Parse, call, convert.
import { Body, Controller, Post, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { admitBot, Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
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
@UseGuards(CallerGuard)
export class QuotesController {
  constructor(private readonly desk: QuoteDesk) {}

  @Post()
  @Operation({
    operationId: 'giveQuote',
    summary: 'What a job will cost',
    description:
      'A range, the lots that would pay, and hints. A job that names the quote before it is over never costs more ' +
      'than `max`, and keeps the card of the quote. Nothing is held; asking again gives a new quote.',
  })
  @Takes('QuoteRequest')
  @Answers(201, 'Quote', 'The quote.')
  @Problems(...REQUEST_PROBLEMS)
  async quote(@Asking() caller: Caller, @Body() body: unknown): Promise<QuoteBody> {
    const { bot_id: asked, ...request } = readBody(quoteRequest, body);
    const botId = asked ?? (caller.kind === 'bot' ? caller.botId : undefined);
    if (botId === undefined) {
      throw validationFailed([{ pointer: '/bot_id', message: 'is needed with a key of the account' }]);
    }
    admitBot(caller, botId);
    return toQuoteBody(await this.desk.give({ caller, botId, request }));
  }
}
