// Workflows room. One change of an account's terms: written once, answered to whoever asked, and over.
import type { AccountTermsInput, AccountTermsResult } from '@fairmeter/contracts';
import { CancellationScope } from '@temporalio/workflow';
import { changeTerms } from '../proxies.js';

export async function accountTerms(input: AccountTermsInput): Promise<AccountTermsResult> {
  // Half a change is none: once it is begun it is brought to its end.
  return CancellationScope.nonCancellable(() => changeTerms({ ...input, asOf: Date.now() }));
}
