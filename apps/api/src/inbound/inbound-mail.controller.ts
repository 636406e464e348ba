// API room. Mail that the gateway hands on. Believed by its signature alone.
import type { ApiConfig, Clock } from '@fairmeter/platform';
import { Body, Controller, Headers, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { ApiExcludeEndpoint } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { ProblemError } from '../problems/problem-error.js';
import { readBody } from '../requests/body.js';
import { API_CLOCK, API_CONFIG } from '../tokens.js';
import type { InboundAnswer } from './inbound-mail.js';
import { inboundMailBody, InboundMailDesk } from './inbound-mail.js';
import { isFromGateway } from './mail-signature.js';

@Controller('v1/inbound')
export class InboundMailController {
  constructor(
    private readonly desk: InboundMailDesk,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  @Post('email')
  @HttpCode(202)
  @ApiExcludeEndpoint()
  async hear(
    @Req() request: FastifyRequest,
    @Headers('webhook-id') id: string | undefined,
    @Headers('webhook-timestamp') timestamp: string | undefined,
    @Headers('webhook-signature') signature: string | undefined,
    @Body() body: unknown,
  ): Promise<InboundAnswer> {
    const { inboundMail } = this.config;
    if (inboundMail === undefined) throw new ProblemError('not_found', 'Nothing is heard here.');
    const message = { id, timestamp, signature, body: request.rawBody ?? Buffer.alloc(0) };
    if (!isFromGateway(message, inboundMail.secret, this.clock.now())) {
      throw new ProblemError('signature_invalid', 'The signature does not fit the message.');
    }
    return this.desk.take(readBody(inboundMailBody, body), inboundMail);
  }
}
