// API room. What an account sold to visitors of its bots, for whoever shares it with partners. Parse, call, convert.
import { Readable } from 'node:stream';
import type { SaleLine } from '@fairmeter/records';
import { Controller, Get, Query, Res, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { AnswersPagesOrCsv, NeedsKey, Problems, TakesQuery } from '../openapi/describe.js';
import { readQuery } from '../requests/body.js';
import { SALES_HEAD, salesQuery, toSalesBody, toSalesCsv } from './sales-body.js';
import { SalesReader } from './sales-reader.js';

@ApiTags('Account')
@NeedsKey()
@Controller('v1/account/sales')
@UseGuards(CallerGuard)
export class SalesController {
  constructor(private readonly reader: SalesReader) {}

  @Get()
  @Operation({
    operationId: 'getSales',
    summary: 'What was sold to visitors, by bot',
    description:
      'One line for each sale, and one for each sale that was taken back, at the time of it: lines never change, so ' +
      'neither does what is told of a time that is over. Bought packs alone: payments for plans ' +
      'of visitors are not in it yet, and what was given away is no sale. Nobody who bought is named.',
  })
  @TakesQuery(salesQuery)
  @AnswersPagesOrCsv('Sales', 'One page with totals of the whole range, or with `format=csv` the range as a file.')
  @Problems('validation_failed', 'sales_export_not_in_plan')
  async sales(@Res() reply: FastifyReply, @Asking() caller: Caller, @Query() query: unknown): Promise<void> {
    const asked = readQuery(salesQuery, query);
    if (asked.format === 'json') {
      await reply.send(toSalesBody(await this.reader.page(caller, asked)));
      return;
    }
    const lines = await this.reader.all(caller, asked);
    void reply.headers({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="sales.csv"',
      'cache-control': 'private, no-store',
      'x-content-type-options': 'nosniff',
    });
    await reply.send(Readable.from(csvOf(lines)));
  }
}

async function* csvOf(chunks: AsyncIterable<readonly SaleLine[]>): AsyncGenerator<string> {
  yield SALES_HEAD;
  for await (const lines of chunks) yield toSalesCsv(lines);
}
