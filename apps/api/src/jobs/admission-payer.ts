// API room. Who would pay for a request, on the snapshot that says a clear no: the same table that the admission asks.
import type { JobRequest } from '@fairmeter/contracts';
import { payerQuestion, requesterOf } from '@fairmeter/contracts';
import type { AdmissionDecision, BotTerms, Instant, Outcome, PayerQuestion } from '@fairmeter/domain';
import { accept, askedAgain, choosePayer, endUserScope } from '@fairmeter/domain';
import type { Spendable } from '@fairmeter/ledger/reads';
import { readOwnCredits, readSpendable } from '@fairmeter/ledger/reads';
import type { EntityManager } from '@fairmeter/platform/database';
import { findCampaign } from '@fairmeter/records';

export type PaidRequest = Pick<JobRequest, 'accountId' | 'botId' | 'caller' | 'marker' | 'campaignId'>;

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
  let question = await readQuestion(tx, request, { bot, at });
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

async function readQuestion(
  tx: EntityManager,
  request: PaidRequest,
  { bot, at }: { readonly bot: BotTerms; readonly at: Instant },
): Promise<PayerQuestion> {
  const { accountId, botId, campaignId } = request;
  const { kind, id } = requesterOf(request.caller);
  return payerQuestion(request, {
    funding: bot.funding,
    campaign: campaignId === undefined ? undefined : await findCampaign(tx, accountId, campaignId),
    own: kind === 'visitor' ? await readOwnCredits(tx, endUserScope(botId, id), at) : 'never',
    now: at,
  });
}
