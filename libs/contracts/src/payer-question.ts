// Contracts room. What the table of payers must know of a request: the door asks it on a snapshot and the admission
// asks it for good, each by its own look-ups, so that both ask the same.
import type { BotFunding, CampaignTerms, Instant, OwnCredits, PayerQuestion } from '@fairmeter/domain';
import { endUserScope } from '@fairmeter/domain';
import type { JobCaller, JobRequest } from './ai-job.js';
import { environmentOfCaller, requesterOf } from './ai-job.js';

export type PaidRequest = Pick<JobRequest, 'accountId' | 'botId' | 'caller' | 'marker' | 'campaignId'>;

/** The rows as they are looked up, and the instant they are asked about. */
export interface PayerLookups {
  readonly now: Instant;
  readonly campaign: (campaignId: string) => Promise<CampaignTerms | null>;
  readonly ownCredits: (scopeId: string) => Promise<OwnCredits>;
  /** Under which name the limits of a key are counted. */
  readonly limitSubject: (keyId: string) => Promise<string | null>;
}

export async function payerQuestion(
  request: PaidRequest,
  funding: BotFunding,
  look: PayerLookups,
): Promise<PayerQuestion> {
  const { accountId, botId, caller, marker = null, campaignId } = request;
  const requester = requesterOf(caller);
  return {
    accountId,
    botId,
    requester,
    countedAs: await countedAs(caller, look),
    environment: environmentOfCaller(caller),
    marker,
    funding,
    campaign: campaignId === undefined ? undefined : await look.campaign(campaignId),
    own: requester.kind === 'visitor' ? await look.ownCredits(endUserScope(botId, requester.id)) : 'never',
    now: look.now,
  };
}

async function countedAs(caller: JobCaller, look: PayerLookups): Promise<string | null> {
  if ('keyId' in caller) return look.limitSubject(caller.keyId);
  return caller.kind === 'visitor' ? (caller.countedAs ?? null) : null;
}
