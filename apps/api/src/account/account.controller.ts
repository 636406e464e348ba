// API room. What an account has, lot by lot and entry by entry. Parse, call, convert.
import { instant } from '@fairmeter/domain';
import type { Clock } from '@fairmeter/platform';
import { Controller, Get, Inject, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EventReply, KEEP_ALIVE_MS, RETRY_MS } from '../events/event-reply.js';
import { Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { scopeShown } from '../callers/environment.js';
import { Answers, AnswersFigures, NeedsKey, Problems, TakesQuery } from '../openapi/describe.js';
import { readQuery } from '../requests/body.js';
import { API_CLOCK } from '../tokens.js';
import { creditsQuery, ledgerQuery, lotsQuery, streamQuery } from './account-query.js';
import { AccountReader } from './account-reader.js';
import type { CreditHintsBody } from './credit-hints.js';
import { CreditHints, toCreditHintsBody } from './credit-hints.js';
import type { CreditsBody } from './credits-body.js';
import { toCreditsBody } from './credits-body.js';
import { creditsFrames } from './credits-stream.js';
import type { LedgerBody } from './ledger-body.js';
import { toLedgerBody } from './ledger-body.js';
import type { LotsBody } from './lots-body.js';
import { toLotsBody } from './lots-body.js';

/** Ten figures a second are as many as an eye can follow. */
const REST_MS = 100;

@ApiTags('Account')
@NeedsKey()
@Controller('v1/account')
@UseGuards(CallerGuard)
export class AccountController {
  constructor(
    private readonly reader: AccountReader,
    private readonly hints: CreditHints,
    private readonly replies: EventReply,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  @Get('credits')
  @Operation({
    operationId: 'getCredits',
    summary: 'What the account has',
    description:
      'Every figure is of one instant and from one snapshot. With the `point` of an answer it is given again to the ' +
      'last digit, for good. With `as_of` alone the answer is what had happened by then: what was being written at ' +
      'that instant, for some milliseconds, and was in no answer yet, counts in.',
  })
  @TakesQuery(creditsQuery)
  @Answers(200, 'Credits', 'The headline is `available`; each kind is apart, with its next change.')
  @Problems('validation_failed')
  async credits(@Asking() caller: Caller, @Query() query: unknown): Promise<CreditsBody> {
    return toCreditsBody(await this.reader.credits(caller, readQuery(creditsQuery, query)));
  }

  @Get('credits/hints')
  @Operation({
    operationId: 'getCreditHints',
    summary: 'What would help before nothing is left',
    description:
      'A bundle, where use has risen steeply or the period is nearly over and little of it is left. Each hint says ' +
      'what was measured; none is given without cause, and nothing is bought because of one.',
  })
  @Answers(200, 'CreditHints', 'None, where none is called for.')
  @Problems('rate_limited', 'too_much_to_count')
  async creditHints(@Asking() caller: Caller): Promise<CreditHintsBody> {
    return toCreditHintsBody(await this.hints.read(caller));
  }

  @Get('credits/lots')
  @Operation({
    operationId: 'listLots',
    summary: 'The lots that the credits are made of',
    description:
      'Live lots in the order in which they pay, then lots that are still to come and, if asked for, those that have ' +
      'ended or are used up. All pages show the point of the first.',
  })
  @TakesQuery(lotsQuery)
  @Answers(200, 'Lots', 'One page.')
  @Problems('validation_failed')
  async lots(@Asking() caller: Caller, @Query() query: unknown): Promise<LotsBody> {
    return toLotsBody(await this.reader.lots(caller, readQuery(lotsQuery, query)), caller);
  }

  @Get('ledger')
  @Operation({
    operationId: 'listEntries',
    summary: 'Every movement of credits',
    description:
      'A cursor stays valid while new entries arrive: following it neither misses nor repeats one. A member is shown ' +
      'the entries of own jobs.',
  })
  @TakesQuery(ledgerQuery)
  @Answers(200, 'Ledger', 'One page.')
  @Problems('validation_failed')
  async ledger(@Asking() caller: Caller, @Query() query: unknown): Promise<LedgerBody> {
    return toLedgerBody(await this.reader.entries(caller, readQuery(ledgerQuery, query)));
  }

  @Get('credits/stream')
  @Operation({
    operationId: 'streamCredits',
    summary: 'What the account has, as it changes',
    description:
      'Server-sent events of type `credits`. The first is the present figure, then one follows every change, at most ' +
      'ten a second. A read after an event is never older than it: compare `entry_seq`.',
  })
  @TakesQuery(streamQuery)
  @AnswersFigures('Credits')
  @Problems('validation_failed')
  async stream(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Asking() caller: Caller,
    @Query() query: unknown,
  ): Promise<void> {
    const { environment } = readQuery(streamQuery, query);
    const line = this.replies.open(request, reply, scopeShown(caller, environment));
    const read = async () => this.reader.credits(caller, { environment });
    const frames = creditsFrames({
      ...line,
      first: await read(),
      read,
      keepAliveMs: KEEP_ALIVE_MS,
      retryMs: RETRY_MS,
      restMs: REST_MS,
      now: () => instant(this.clock.now()),
    });
    this.replies.send(request, reply, frames);
  }
}
