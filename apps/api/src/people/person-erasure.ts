// API room. A person asks to be forgotten, in all accounts at once.
import { PERSON_ERASURE_WORKFLOW, personErasedUpdate, personErasureWorkflowId } from '@fairmeter/contracts';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Erasures } from '../changes/erasures.js';
import { ProblemError } from '../problems/problem-error.js';

export const personErasureBody = z.object({
  user_id: z
    .string()
    .nullable()
    .describe('What stays in books and audit: it leads to nobody. Null where nobody is known by the token any more.'),
  state: z.literal('erased').describe('In no account any more, nowhere signed in, and no word is left.'),
});
export type PersonErasureBody = z.output<typeof personErasureBody>;

@Injectable()
export class PersonErasure {
  constructor(private readonly erasures: Erasures) {}

  async erase(userId: string, requestId: string): Promise<PersonErasureBody> {
    const answer = await this.erasures.ask(personErasedUpdate, {
      workflow: PERSON_ERASURE_WORKFLOW,
      workflowId: personErasureWorkflowId(userId),
      // Each request anew: who had to stay may have handed over since.
      updateId: `${personErasedUpdate.name}/${requestId}`,
      input: { userId, requestId },
    });
    if (answer.state === 'last_owner') {
      throw new ProblemError('last_owner', 'Close these accounts, or make somebody else their owner first.', {
        members: { accounts: answer.accountIds },
      });
    }
    return { user_id: userId, state: answer.state };
  }
}
