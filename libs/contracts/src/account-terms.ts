// Contracts room. What crosses Temporal for one change of what an account allows and who pays at its bots: one change
// is one short workflow, and its refusal is an answer.
import type { CounterKind, CounterPeriod, Environment, FundingMode, SalesMode } from '@fairmeter/domain';
import type { WireRefusal } from './failure-codec.js';

export const ACCOUNT_TERMS_WORKFLOW = 'accountTerms';

/** A limit as it is to be; null takes it away. */
export interface WireLimit {
  readonly kind: CounterKind;
  readonly subject: string;
  readonly period: CounterPeriod;
  readonly amountMicroCredits: string | null;
}

export type TermsChange =
  /** No environment is live. */
  | { readonly what: 'limits'; readonly limits: readonly WireLimit[]; readonly environment?: Environment }
  /** What is left out stays as it is. */
  | {
      readonly what: 'funding';
      readonly botId: string;
      readonly salesMode?: SalesMode;
      readonly fundingMode?: FundingMode;
      readonly publicMayUseBonus?: boolean;
    }
  /** The campaign whole, new or changed, with what it may give. */
  | {
      readonly what: 'campaign';
      readonly campaignId: string;
      readonly botId: string;
      readonly name: string;
      readonly startsAt: number;
      readonly endsAt: number | null;
      readonly limits: readonly WireLimit[];
    };

export interface AccountTermsInput {
  readonly accountId: string;
  /** The caller's own name of the change, and what it said: under one name one thing is said. */
  readonly changeKey: string;
  readonly bodyHash: string;
  readonly actor: { readonly role: string; readonly id: string };
  readonly change: TermsChange;
}

export type AccountTermsResult =
  { readonly outcome: 'changed' } | { readonly outcome: 'refused'; readonly refusal: WireRefusal };

export interface ChangeTermsInput extends AccountTermsInput {
  readonly asOf: number;
}

export interface TermsActivities {
  changeTerms(input: ChangeTermsInput): Promise<AccountTermsResult>;
}

/** Another body under the same key is another run, which meets what the first one wrote. Both hashes are 64 long. */
export function termsWorkflowId({
  accountId,
  changeKey,
  bodyHash,
}: Pick<AccountTermsInput, 'accountId' | 'changeKey' | 'bodyHash'>): string {
  return `terms/${accountId}/${changeKey}/${bodyHash}`;
}
