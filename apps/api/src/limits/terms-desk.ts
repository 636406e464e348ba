// API room. Changes of what an account allows and who pays at its bots: each goes through a workflow of its own, and
// the answer says what stands.
import type { AccountTermsInput, AccountTermsResult, TermsChange, WireLimit } from '@fairmeter/contracts';
import { ACCOUNT_TERMS_WORKFLOW, termsWorkflowId, unpackRefusal } from '@fairmeter/contracts';
import type { LimitChange } from '@fairmeter/domain';
import { formatMicroCredits } from '@fairmeter/domain';
import type { Clock } from '@fairmeter/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import { actorOf } from '../callers/caller.js';
import { hashOfAsked } from '../changes/asked-hash.js';
import { AdmissionClient, AdmissionUnknown } from '../jobs/admission-client.js';
import { ProblemError } from '../problems/problem-error.js';
import { refusalProblem } from '../problems/refusal-problem.js';
import { API_CLOCK } from '../tokens.js';

const ANSWERED_WITHIN_MS = 5_000;

/** With what the caller said, where that is less than what comes of it. */
export type AskedChange = TermsChange & { readonly asked?: object };

@Injectable()
export class TermsDesk {
  constructor(
    private readonly temporal: AdmissionClient,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  async change(caller: Caller, changeKey: string, { asked, ...change }: AskedChange): Promise<void> {
    const { accountId } = caller;
    const bodyHash = hashOfAsked(asked ?? change);
    const input: AccountTermsInput = { accountId, changeKey, bodyHash, actor: actorOf(caller), change };
    const result = await this.ask(input);
    if (result.outcome === 'refused') throw refusalProblem(unpackRefusal(result.refusal), this.clock.now());
  }

  private async ask(input: AccountTermsInput): Promise<AccountTermsResult> {
    const deadline = this.clock.now() + ANSWERED_WITHIN_MS;
    try {
      return await this.temporal.resultOf(ACCOUNT_TERMS_WORKFLOW, {
        workflowId: termsWorkflowId(input),
        input,
        deadline,
      });
    } catch (error) {
      if (!(error instanceof AdmissionUnknown)) throw error;
      throw new ProblemError(
        'service_unavailable',
        'No answer came in time. Send the same request again with the same Idempotency-Key: it cannot be done twice.',
        { members: { part: 'temporal' }, cause: error },
      );
    }
  }
}

export function wireLimit({ kind, subject, period, amount }: LimitChange): WireLimit {
  return { kind, subject, period, amountMicroCredits: amount === null ? null : formatMicroCredits(amount) };
}
