// API room. Asks for somebody to be forgotten. The work is a workflow's: once it has begun it comes to its end, whoever
// goes away meanwhile.
import type { UpdateDefinition } from '@fairmeter/contracts';
import type { Clock } from '@fairmeter/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { StartAndAskCall } from '../jobs/admission-calls.js';
import { AdmissionClient, AdmissionUnknown } from '../jobs/admission-client.js';
import { ProblemError } from '../problems/problem-error.js';
import { API_CLOCK } from '../tokens.js';

/** A running job is cancelled and settled within 10 s. */
const ERASED_WITHIN_MS = 15_000;

@Injectable()
export class Erasures {
  constructor(
    private readonly temporal: AdmissionClient,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  async ask<Answer>(update: UpdateDefinition<Answer>, call: Omit<StartAndAskCall, 'deadline'>): Promise<Answer> {
    try {
      return await this.temporal.startAndAsk(update, { ...call, deadline: this.clock.now() + ERASED_WITHIN_MS });
    } catch (error) {
      if (!(error instanceof AdmissionUnknown)) throw error;
      throw new ProblemError(
        'service_unavailable',
        'The deletion is not at its end yet; it is done once and goes on.',
        {
          members: { part: 'temporal' },
          cause: error,
        },
      );
    }
  }
}
