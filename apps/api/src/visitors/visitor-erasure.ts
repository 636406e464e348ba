// API room. A visitor asks to be deleted, or the bot's owner asks it for that visitor.
import { erasedUpdate, VISITOR_ERASURE_WORKFLOW, visitorErasureWorkflowId } from '@fairmeter/contracts';
import { TenantDatabase } from '@fairmeter/platform/database';
import { isErased, isVisitorOf } from '@fairmeter/records';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { actorOf, tenantOf } from '../callers/caller.js';
import { Erasures } from '../changes/erasures.js';
import { ProblemError } from '../problems/problem-error.js';
import type { VisitorAsk } from './visitor-desk.js';
import { isVisitorId } from './visitor-desk.js';

export const erasureBody = z.object({
  visitor_id: z.string(),
  state: z.literal('erased').describe('Jobs have ended, words and files are gone, remaining units have ended.'),
});
export type ErasureBody = z.output<typeof erasureBody>;

@Injectable()
export class VisitorErasure {
  constructor(
    private readonly database: TenantDatabase,
    private readonly erasures: Erasures,
  ) {}

  async erase(ask: VisitorAsk, visitorId: string): Promise<ErasureBody> {
    const { caller, botId, requestId } = ask;
    const known = isVisitorId(visitorId) ? await this.look(ask, visitorId) : 'none';
    if (known === 'none') throw new ProblemError('visitor_not_found', 'This bot has no such visitor.');
    if (known === 'erased') return { visitor_id: visitorId, state: 'erased' };
    const { state } = await this.erasures.ask(erasedUpdate, {
      workflow: VISITOR_ERASURE_WORKFLOW,
      workflowId: visitorErasureWorkflowId(visitorId),
      updateId: erasedUpdate.name,
      input: { visitorId, accountId: caller.accountId, botId, actor: actorOf(caller), requestId },
    });
    return { visitor_id: visitorId, state };
  }

  private async look({ caller, botId }: VisitorAsk, visitorId: string): Promise<'none' | 'there' | 'erased'> {
    return this.database.asTenant(tenantOf(caller), async (tx) => {
      if (!(await isVisitorOf(tx, botId, visitorId))) return 'none';
      return (await isErased(tx, visitorId)) ? 'erased' : 'there';
    });
  }
}
