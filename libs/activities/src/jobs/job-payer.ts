// Activities room. Who pays for a job, asked when it is admitted: what the table of payers must know is read here, and
// the one whose turn comes first is told.
import type { JobRequest } from '@fairmeter/contracts';
import { requesterOf } from '@fairmeter/contracts';
import type { BotTerms, CampaignTerms, OwnCredits, PayerQuestion } from '@fairmeter/domain';
import { endUserScope, instant } from '@fairmeter/domain';
import { readOwnCredits } from '@fairmeter/ledger/reads';
import type { EntityManager } from '@fairmeter/platform/database';
import { findCampaign } from '@fairmeter/records';

export async function payerQuestion(
  tx: EntityManager,
  { request, bot, now }: { readonly request: JobRequest; readonly bot: BotTerms; readonly now: number },
): Promise<PayerQuestion> {
  const requester = requesterOf(request.caller);
  return {
    accountId: request.accountId,
    botId: request.botId,
    requester,
    funding: bot.funding,
    marker: request.marker ?? null,
    campaign: await campaignOf(tx, request),
    own: requester.kind === 'visitor' ? await ownCredits(tx, request, now) : 'never',
    now: instant(now),
  };
}

async function campaignOf(tx: EntityManager, request: JobRequest): Promise<CampaignTerms | null | undefined> {
  const { campaignId, accountId } = request;
  return campaignId === undefined ? undefined : findCampaign(tx, accountId, campaignId);
}

async function ownCredits(tx: EntityManager, { botId, caller }: JobRequest, now: number): Promise<OwnCredits> {
  return readOwnCredits(tx, endUserScope(botId, requesterOf(caller).id), instant(now));
}
