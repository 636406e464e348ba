// Activities room. Who pays for a job, asked when it is admitted: what the table of payers must know is read here.
import type { JobRequest } from '@fairmeter/contracts';
import { payerQuestion, requesterOf } from '@fairmeter/contracts';
import type { BotTerms, PayerQuestion } from '@fairmeter/domain';
import { endUserScope, instant } from '@fairmeter/domain';
import { readOwnCredits } from '@fairmeter/ledger/reads';
import type { EntityManager } from '@fairmeter/platform/database';
import { findCampaign } from '@fairmeter/records';

export async function readPayerQuestion(
  tx: EntityManager,
  { request, bot, now }: { readonly request: JobRequest; readonly bot: BotTerms; readonly now: number },
): Promise<PayerQuestion> {
  const { accountId, botId, campaignId } = request;
  const { kind, id } = requesterOf(request.caller);
  const at = instant(now);
  return payerQuestion(request, {
    funding: bot.funding,
    campaign: campaignId === undefined ? undefined : await findCampaign(tx, accountId, campaignId),
    own: kind === 'visitor' ? await readOwnCredits(tx, endUserScope(botId, id), at) : 'never',
    now: at,
  });
}
