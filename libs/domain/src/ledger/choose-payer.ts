// Domain room. Who pays for a request (requirements 2.2), decided once, when it is submitted: the scope whose lots are
// drawn on, by which rule, and the limits it must pass. Another payer is never tried inside of a job.
import { unreachable } from '../failures/exhaustive.js';
import type { Outcome, Refusal } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import type { Instant } from '../time/instant.js';
import { endUserScope } from './entry.js';
import { accountScopeIn, type Environment } from './environment.js';
import type { Funding, Payer } from './payer.js';
import type { LimitRef } from './terms.js';

/** Whether a purchase covers the technical use of it, or the owner sells something else and carries that (B20). */
export const SALES_MODES = ['platform_sells', 'business_direct'] as const;
export type SalesMode = (typeof SALES_MODES)[number];

/** What answers a visitor who has bought nothing: the owner's pool, or nothing (A20). */
export const FUNDING_MODES = ['owner_pool', 'end_user_credits'] as const;
export type FundingMode = (typeof FUNDING_MODES)[number];

/** Work of the owner's that is told apart from use: the bot learns, or is tried. */
export const JOB_MARKERS = ['training', 'test'] as const;
export type JobMarker = (typeof JOB_MARKERS)[number];

export const REQUESTER_KINDS = ['bot', 'account', 'person', 'visitor'] as const;
/** Who asked: a key of a bot or of the account, a person of the account, a visitor of the bot. */
export interface Requester {
  readonly kind: (typeof REQUESTER_KINDS)[number];
  /** Of the key, the person or the visitor; null in jobs of before it was kept. */
  readonly id: string | null;
}

/** What of a bot's settings decides who pays. */
export interface BotFunding {
  readonly salesMode: SalesMode;
  readonly fundingMode: FundingMode;
  /** The owner's word that free visitors and campaigns may also eat bonus credits (X24). */
  readonly publicMayUseBonus: boolean;
}

/**
 * What a visitor has of their own at the bot. Whoever once had something is a paying visitor, also at zero (B15);
 * whoever owes for what was taken back is answered by nobody else's credits until that is paid (edge 72).
 */
export type OwnCredits = 'never' | 'used_up' | 'left' | 'owes';

/** A giveaway: its amounts are limits of the account, its window is asked here. */
export interface CampaignTerms {
  readonly id: string;
  readonly botId: string;
  readonly startsAt: Instant;
  readonly endsAt: Instant | null;
}

export interface PayerQuestion {
  readonly accountId: string;
  readonly botId: string;
  readonly requester: Requester & { readonly id: string };
  /**
   * Under which name its limits count, where not under the requester's: a key's through rotation, so that a new one
   * sheds none (edge 78), and a visitor's who was there before under another id.
   */
  readonly countedAs?: string | null;
  /** Where the requester acts: test keys in `test`, everybody else in `live`. */
  readonly environment: Environment;
  readonly funding: BotFunding;
  readonly marker: JobMarker | null;
  /** Undefined where the request names none; null where it names one that is not there. */
  readonly campaign: CampaignTerms | null | undefined;
  readonly own: OwnCredits;
  readonly now: Instant;
}

export interface ChosenPayer {
  readonly scopeId: string;
  readonly payer: Payer;
  readonly limitRefs: readonly LimitRef[];
}

/** Refuses for the visitor's sake alone: whether credits and limits reach is asked under the scope's lock. */
export function choosePayer(question: PayerQuestion): Outcome<ChosenPayer> {
  const { requester, marker, campaign } = question;
  if (requester.kind === 'visitor' && marker !== null) return refuse({ code: 'owner_work_only', marker });
  if (campaign !== undefined) return byCampaign(question, campaign);
  if (requester.kind === 'visitor') return byVisitor(question);
  return accept(byAccount(question, marker === 'training' ? 'training' : 'owner'));
}

/**
 * Where a business sells direct, what a visitor still has is used first and the next job falls to the owner (edge 77):
 * too little for a job is none left. Null where the refusal stands.
 */
export function askedAgain(question: PayerQuestion, { code }: Refusal): PayerQuestion | null {
  const { own, funding } = question;
  const mayFallToOwner = own === 'left' && funding.salesMode === 'business_direct' && code === 'credits_exhausted';
  return mayFallToOwner ? { ...question, own: 'used_up' } : null;
}

function byCampaign(question: PayerQuestion, campaign: CampaignTerms | null): Outcome<ChosenPayer> {
  const { botId, now, marker, environment } = question;
  if (marker !== null) return refuse({ code: 'owner_work_only', marker });
  // What a campaign may give is counted live alone.
  const isOpen =
    environment === 'live' &&
    campaign?.botId === botId &&
    campaign.startsAt <= now &&
    (campaign.endsAt === null || now < campaign.endsAt);
  return isOpen ? accept(byAccount(question, 'campaign')) : refuse({ code: 'campaign_not_running' });
}

function byVisitor(question: PayerQuestion): Outcome<ChosenPayer> {
  const { botId, requester, funding, own } = question;
  const { salesMode, fundingMode } = funding;
  // What was bought is used first, also where the bot has changed to another mode since (edge 77).
  if (own === 'left' || own === 'owes' || (own === 'used_up' && salesMode === 'platform_sells')) {
    const payer: Payer = { funding: 'end_user', publicMayUseBonus: false };
    return accept({ scopeId: endUserScope(botId, requester.id), payer, limitRefs: [] });
  }
  if (salesMode === 'business_direct') return accept(byAccount(question, 'business_direct'));
  if (fundingMode === 'end_user_credits') return refuse({ code: 'no_credits_for_bot' });
  return accept(byAccount(question, 'free_visitor'));
}

function byAccount(question: PayerQuestion, funding: Exclude<Funding, 'end_user'>): ChosenPayer {
  const { accountId, botId, environment } = question;
  const isPublic = funding === 'free_visitor' || funding === 'campaign';
  return {
    scopeId: accountScopeIn(environment, accountId),
    payer: { funding, publicMayUseBonus: isPublic && question.funding.publicMayUseBonus },
    limitRefs: [
      { kind: 'spend', subject: '' },
      { kind: 'bot', subject: botId },
      ...limitsOf(funding, question),
      ...limitOf(question),
    ],
  };
}

/** Each way to spend the account's credits stops alone (B16): for the account, and where it is set for the bot. */
function limitsOf(funding: Exclude<Funding, 'end_user'>, { botId, campaign }: PayerQuestion): readonly LimitRef[] {
  switch (funding) {
    case 'owner':
    case 'business_direct':
      return [];
    case 'training':
      return [
        { kind: 'training', subject: '' },
        { kind: 'training', subject: botId },
      ];
    case 'free_visitor':
      return [
        { kind: 'free_reserve', subject: '' },
        { kind: 'free_reserve', subject: botId },
      ];
    case 'campaign':
      return [{ kind: 'campaign', subject: campaign?.id ?? '' }];
    default:
      return unreachable(funding);
  }
}

function limitOf({ requester, campaign, botId, ...asked }: PayerQuestion): readonly LimitRef[] {
  const { kind, id } = requester;
  const countedAs = asked.countedAs ?? id;
  switch (kind) {
    case 'bot':
    case 'account':
      return [{ kind: 'key', subject: countedAs }];
    case 'person':
      return [{ kind: 'member', subject: id }];
    case 'visitor':
      // What each visitor may have is said once for all, of a campaign apart from everything else.
      if (campaign !== undefined && campaign !== null) {
        return [{ kind: 'visitor', subject: `${campaign.id}/${countedAs}`, usual: campaign.id }];
      }
      return [
        { kind: 'visitor', subject: countedAs, usual: botId },
        // A limit that the owner has set for them alone since they came back.
        ...(countedAs === id ? [] : [{ kind: 'visitor', subject: id } as const]),
      ];
    default:
      return unreachable(kind);
  }
}
