// API room. Who would pay for a request, on the snapshot that says a clear no: the same table that the admission asks.
import type { PaidRequest } from '@fairmeter/contracts';
import { payerQuestion } from '@fairmeter/contracts';
import type { AdmissionDecision, BotTerms, Instant, Outcome } from '@fairmeter/domain';
import { accept, askedAgain, choosePayer } from '@fairmeter/domain';
import type { Spendable } from '@fairmeter/ledger/reads';
import { readOwnCredits, readSpendable } from '@fairmeter/ledger/reads';
import type { EntityManager } from '@fairmeter/platform/database';
import { findCampaign, findLimitSubject } from '@fairmeter/records';

export interface Paid {
  readonly decision: AdmissionDecision;
  readonly scopeId: string;
}

/** `decide` is asked for one payer after the other, at most two: what stands is said of the last. */
export async function decidePaid(
  tx: EntityManager,
  { request, bot, at }: { readonly request: PaidRequest; readonly bot: BotTerms; readonly at: Instant },
  decide: (spendable: Spendable) => Outcome<AdmissionDecision>,
): Promise<Outcome<Paid>> {
  let question = await payerQuestion(request, bot.funding, {
    now: at,
    campaign: async (id) => findCampaign(tx, request.accountId, id),
    ownCredits: async (scopeId) => readOwnCredits(tx, scopeId, at),
    limitSubject: async (keyId) => findLimitSubject(tx, keyId),
  });
  for (;;) {
    const chosen = choosePayer(question);
    if (!chosen.ok) return chosen;
    const { scopeId, payer } = chosen.value;
    const decision = decide(await readSpendable(tx, { scopeId, clockNow: at, payer }));
    if (decision.ok) return accept({ decision: decision.value, scopeId });
    const next = askedAgain(question, decision.refusal);
    if (next === null) return decision;
    question = next;
  }
}
