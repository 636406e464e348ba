// API room. Asks for a visitor to be deleted. The work is a workflow's: once it has begun it comes to its end, whoever
// goes away meanwhile.
import type { ErasureAnswer } from '@fairmeter/contracts';
import { erasedUpdate, VISITOR_ERASURE_WORKFLOW, visitorErasureWorkflowId } from '@fairmeter/contracts';
import type { Clock } from '@fairmeter/platform';
import { TenantDatabase } from '@fairmeter/platform/database';
import { isVisitorOf, isErased } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { actorOf, tenantOf } from '../callers/caller.js';
import { AdmissionClient, AdmissionUnknown } from '../jobs/admission-client.js';
import { ProblemError } from '../problems/problem-error.js';
import { API_CLOCK } from '../tokens.js';
import type { VisitorAsk } from './visitor-desk.js';
import { isVisitorId } from './visitor-desk.js';

export const erasureBody = z.object({
  visitor_id: z.string(),
  state: z.literal('erased').describe('Jobs have ended, words and files are gone, remaining units have ended.'),
});
export type ErasureBody = z.output<typeof erasureBody>;

/** A running job is cancelled and settled within 10 s. */
const ERASED_WITHIN_MS = 15_000;

@Injectable()
export class VisitorErasure {
  constructor(
    private readonly database: TenantDatabase,
    private readonly temporal: AdmissionClient,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  async erase(ask: VisitorAsk, visitorId: string): Promise<ErasureBody> {
    const { caller, botId, requestId } = ask;
    const known = isVisitorId(visitorId) ? await this.look(ask, visitorId) : 'none';
    if (known === 'none') throw new ProblemError('visitor_not_found', 'This bot has no such visitor.');
    if (known === 'erased') return { visitor_id: visitorId, state: 'erased' };
    const input = { visitorId, accountId: caller.accountId, botId, actor: actorOf(caller), requestId };
    const { state } = await this.ask(visitorId, input);
    return { visitor_id: visitorId, state };
  }

  private async look({ caller, botId }: VisitorAsk, visitorId: string): Promise<'none' | 'there' | 'erased'> {
    return this.database.asTenant(tenantOf(caller), async (tx) => {
      if (!(await isVisitorOf(tx, botId, visitorId))) return 'none';
      return (await isErased(tx, visitorId)) ? 'erased' : 'there';
    });
  }

  private async ask(visitorId: string, input: object): Promise<ErasureAnswer> {
    try {
      return await this.temporal.startAndAsk(erasedUpdate, {
        workflow: VISITOR_ERASURE_WORKFLOW,
        workflowId: visitorErasureWorkflowId(visitorId),
        updateId: erasedUpdate.name,
        input,
        deadline: this.clock.now() + ERASED_WITHIN_MS,
      });
    } catch (error) {
      if (error instanceof AdmissionUnknown) throw unavailable(error);
      throw error;
    }
  }
}

function unavailable(cause: Error): ProblemError {
  return new ProblemError('service_unavailable', 'The deletion is not at its end yet. Ask again: it is done once.', {
    members: { part: 'temporal' },
    cause,
  });
}
