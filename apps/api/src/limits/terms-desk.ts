// API room. Changes of what an account allows and who pays at its bots: each goes through a workflow of its own, and
// the answer says what stands.
import { createHash } from 'node:crypto';
import type { AccountTermsInput, AccountTermsResult, TermsChange, WireLimit } from '@fairmeter/contracts';
import { ACCOUNT_TERMS_WORKFLOW, termsWorkflowId, unpackRefusal } from '@fairmeter/contracts';
import type { JsonValue, LimitChange } from '@fairmeter/domain';
import { canonicalJson, formatMicroCredits } from '@fairmeter/domain';
import type { Clock } from '@fairmeter/platform';
import { newId } from '@fairmeter/platform/database';
import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
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
    const { accountId, role } = caller;
    const actor = { role, id: 'keyId' in caller ? caller.keyId : tenantOf(caller).subject };
    const bodyHash = createHash('sha256')
      .update(canonicalJson(plain(asked ?? change)))
      .digest('hex');
    const input: AccountTermsInput = { accountId, changeKey, bodyHash, actor, change };
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

/** Without a key each request is a change of its own; saying the same twice comes to the same. */
export function changeKeyOf(idempotencyKey: Uint8Array | null): string {
  return createHash('sha256')
    .update(idempotencyKey ?? newId('req'))
    .digest('hex');
}

export function wireLimit({ kind, subject, period, amount }: LimitChange): WireLimit {
  return { kind, subject, period, amountMicroCredits: amount === null ? null : formatMicroCredits(amount) };
}

function plain(asked: object): JsonValue {
  const text = JSON.stringify(asked, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  const parsed: unknown = JSON.parse(text);
  return parsed as JsonValue;
}
