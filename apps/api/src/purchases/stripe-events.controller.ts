// API room. What Stripe tells of payments. Believed by its signature alone; answered once the event is in safe hands.
import { PAYMENT_EVENT_WORKFLOW, paymentEventWorkflowId } from '@fairmeter/contracts';
import type { ApiConfig, Clock } from '@fairmeter/platform';
import type { StripeEvents } from '@fairmeter/providers/payments';
import { openStripeEvents } from '@fairmeter/providers/payments';
import { Controller, Headers, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { ApiExcludeEndpoint } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AdmissionClient, AdmissionUnknown } from '../jobs/admission-client.js';
import { ProblemError } from '../problems/problem-error.js';
import { API_CLOCK, API_CONFIG } from '../tokens.js';

@Controller('v1/payments')
export class StripeEventsController {
  private events: Promise<StripeEvents> | undefined;

  constructor(
    private readonly temporal: AdmissionClient,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  @Post('stripe')
  @HttpCode(204)
  @ApiExcludeEndpoint()
  async hear(
    @Req() request: FastifyRequest,
    @Headers('stripe-signature') signature: string | undefined,
  ): Promise<void> {
    const secret = this.config.stripeWebhookSecret;
    if (secret === undefined) throw new ProblemError('not_found', 'Nothing is heard here.');
    this.events ??= openStripeEvents(secret);
    const events = await this.events;
    const event = events.read(request.rawBody ?? Buffer.alloc(0), signature ?? '');
    if (event === undefined) throw new ProblemError('signature_invalid', 'The signature does not fit the message.');
    if (event === null) return;
    const told = { provider: 'stripe', ...event };
    try {
      await this.temporal.startOnce({
        workflow: PAYMENT_EVENT_WORKFLOW,
        workflowId: paymentEventWorkflowId(told),
        input: told,
        deadline: this.clock.now() + this.config.admitDeadlineMs,
      });
    } catch (error) {
      if (!(error instanceof AdmissionUnknown)) throw error;
      throw new ProblemError('service_unavailable', 'Tell it again later.', { cause: error });
    }
  }
}
