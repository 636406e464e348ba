// API room. Who would pay for a request, on the snapshot that says a clear no: the same table that the admission asks.
import type { PaidRequest } from '@fairmeter/contracts';
import { payerQuestion } from '@fairmeter/contracts';
import type { AdmissionDecision, BotTerms, Instant, Outcome, Plan } from '@fairmeter/domain';
import { accept, askedAgain, choosePayer } from '@fairmeter/domain';
import type { Spendable } from '@fairmeter/ledger/reads';
import { readOwnCredits, readSpendable } from '@fairmeter/ledger/reads';
import type { EntityManager } from '@fairmeter/platform/database';
import { findCampaign, findLimitSubject, readPayersPlan } from '@fairmeter/records';

export interface WouldPay extends Spendable {
  /** Of the visitor who would pay; null of everybody else. */
  readonly visitorPlan: Plan | null;
}

export interface Paid {
  readonly decision: AdmissionDecision;
  readonly scopeId: string;
}

/** `decide` is asked for one payer after the other, at most two: what stands is said of the last. */
export async function decidePaid(
  tx: EntityManager,
  { request, bot, at }: { readonly request: PaidRequest; readonly bot: BotTerms; readonly at: Instant },
  decide: (found: WouldPay) => Outcome<AdmissionDecision>,
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
    const { accountId, botId, requester } = question;
    const visitorPlan = await readPayersPlan(tx, { funding: payer.funding, accountId, botId, askedBy: requester.id });
    const decision = decide({ ...(await readSpendable(tx, { scopeId, clockNow: at, payer })), visitorPlan });
    if (decision.ok) return accept({ decision: decision.value, scopeId });
    const next = askedAgain(question, decision.refusal);
    if (next === null) return decision;
    question = next;
  }
}
