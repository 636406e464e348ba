// API room. The named schemas of the document, from the same zod schemas that read and write the bodies.
import { z } from 'zod';
import { filesBody } from '../artefacts/files-body.js';
import { apiKeyBody, apiKeysBody, cancelledJobsBody, changeKeyBody } from '../api-keys/key-body.js';
import { madeKeyBody, newKeyBody, rotateKeyBody } from '../api-keys/key-body.js';
import { botBody, botsBody, changeBotBody, newBotBody, publicationBody, publicBotBody } from '../bots/bot-body.js';
import { GUIDE_BODIES, profileBody, snippetsBody, styleGuideBody } from '../bots/guide-body.js';
import { newPackBody, packBody, packsBody, withdrawnBody } from '../bots/pack-body.js';
import { offerBody, transferBody, transfersBody } from '../bots/transfer-body.js';
import { auditBody } from '../audit/audit-body.js';
import { creditsBody } from '../account/credits-body.js';
import { ledgerBody } from '../account/ledger-body.js';
import { lotsBody } from '../account/lots-body.js';
import {
  campaignBody,
  campaignPreviewBody,
  campaignsBody,
  changeCampaignBody,
  openCampaignBody,
} from '../campaigns/campaigns-body.js';
import { modelsBody } from '../catalogue/models-body.js';
import { rateCardBody, rateCardsBody } from '../catalogue/rate-cards-body.js';
import { costBody } from '../jobs/cost-body.js';
import { budgetBody } from '../job-control/budget-body.js';
import { explainBody } from '../jobs/explain-body.js';
import { jobBody, submittedBody } from '../jobs/job-body.js';
import { jobsBody } from '../jobs/jobs-body.js';
import { resultBody } from '../jobs/result-body.js';
import { attemptsBody, stepsBody } from '../jobs/steps-body.js';
import { submitBody } from '../jobs/submit-body.js';
import { timelineBody } from '../jobs/timeline-body.js';
import { changeFundingBody, fundingBody, fundingPreviewBody } from '../limits/funding-body.js';
import { limitsBody, limitsPreviewBody, setLimitsBody } from '../limits/limits-body.js';
import { accountBody, changeAccountBody, closedAccountBody, personalDataBody } from '../people/account-body.js';
import { meBody } from '../people/me-body.js';
import {
  acceptBody,
  acceptedBody,
  changedMemberBody,
  changeMemberBody,
  invitedBody,
  inviteBody,
  membersBody,
} from '../people/members-body.js';
import { quoteBody } from '../quotes/quote-body.js';
import { quoteRequest } from '../quotes/quote-request.js';
import { offersBody, purchaseBody, purchaseRequest, purchasesBody } from '../purchases/purchase-body.js';
import { beginStepBody, endStepBody, finishBody } from '../reported/reported-body.js';
import { begunStepBody, endedStepBody, finishedBody } from '../reported/reported-answer.js';
import { economicsBody } from '../panels/economics-body.js';
import { qualityBody } from '../panels/quality-body.js';
import { PARTS } from '../health/readiness.js';
import { tipBody, tipsBody } from '../tips/tips-body.js';
import { usageBody } from '../usage/usage-body.js';
import { myOffersBody } from '../visitors/offers-body.js';
import { usageUnitsBody } from '../visitors/usage-units.js';
import { erasureBody } from '../visitors/visitor-erasure.js';
import { visitorsBody, visitorTokenBody, visitorTokenRequest } from '../visitors/visitors-body.js';

const inputFault = z.object({
  pointer: z.string().optional().describe('RFC 6901 pointer into the body.'),
  header: z.string().optional(),
  parameter: z.string().optional(),
  message: z.string(),
});

export const problemBody = z
  .object({
    type: z.string().describe('A page that explains the code.'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    code: z.string().describe('Stable; decide by this.'),
    request_id: z.string(),
    trace_id: z.string(),
    errors: z.array(inputFault).optional(),
    limit_source: z.string().optional(),
    required: z.string().optional(),
    available: z.string().optional(),
    resets_at: z.iso.datetime().nullable().optional(),
    options: z.array(z.string()).optional(),
  })
  .loose();

const part = z.enum(['ok', 'missing']);

const SCHEMAS = {
  SubmitJob: submitBody,
  ChangeBudget: budgetBody,
  BeginStep: beginStepBody,
  BegunStep: begunStepBody,
  EndStep: endStepBody,
  EndedStep: endedStepBody,
  FinishJob: finishBody,
  FinishedJob: finishedBody,
  Job: jobBody,
  SubmittedJob: submittedBody,
  JobCost: costBody,
  QuoteRequest: quoteRequest,
  Quote: quoteBody,
  Offers: offersBody,
  Buy: purchaseRequest,
  Purchase: purchaseBody,
  Purchases: purchasesBody,
  Models: modelsBody,
  RateCards: rateCardsBody,
  RateCard: rateCardBody,
  JobCostExplained: explainBody,
  Jobs: jobsBody,
  JobSteps: stepsBody,
  StepAttempts: attemptsBody,
  JobTimeline: timelineBody,
  JobResult: resultBody,
  JobFiles: filesBody,
  Credits: creditsBody,
  Lots: lotsBody,
  Ledger: ledgerBody,
  Usage: usageBody,
  Audit: auditBody,
  SetLimits: setLimitsBody,
  Limits: limitsBody,
  LimitsPreview: limitsPreviewBody,
  ChangeFunding: changeFundingBody,
  Funding: fundingBody,
  FundingPreview: fundingPreviewBody,
  OpenCampaign: openCampaignBody,
  ChangeCampaign: changeCampaignBody,
  Campaign: campaignBody,
  Campaigns: campaignsBody,
  CampaignPreview: campaignPreviewBody,
  Tips: tipsBody,
  NewApiKey: newKeyBody,
  MadeApiKey: madeKeyBody,
  ChangeApiKey: changeKeyBody,
  RotateApiKey: rotateKeyBody,
  ApiKey: apiKeyBody,
  ApiKeys: apiKeysBody,
  CancelledJobs: cancelledJobsBody,
  NewBot: newBotBody,
  ChangeBot: changeBotBody,
  Publication: publicationBody,
  Bot: botBody,
  Bots: botsBody,
  BotQuality: qualityBody,
  BotEconomics: economicsBody,
  PublicBot: publicBotBody,
  NewProfile: GUIDE_BODIES.profile,
  Profile: profileBody,
  NewStyleGuide: GUIDE_BODIES.style_guide,
  StyleGuide: styleGuideBody,
  NewSnippets: GUIDE_BODIES.snippets,
  Snippets: snippetsBody,
  OfferBot: offerBody,
  BotTransfer: transferBody,
  BotTransfers: transfersBody,
  NewBotPack: newPackBody,
  BotPack: packBody,
  BotPacks: packsBody,
  Withdrawn: withdrawnBody,
  Tip: tipBody,
  VisitorTokenRequest: visitorTokenRequest,
  VisitorToken: visitorTokenBody,
  Visitors: visitorsBody,
  UsageUnits: usageUnitsBody,
  MyOffers: myOffersBody,
  Erasure: erasureBody,
  Me: meBody,
  Account: accountBody,
  ChangeAccount: changeAccountBody,
  ClosedAccount: closedAccountBody,
  PersonalData: personalDataBody,
  Members: membersBody,
  InviteMember: inviteBody,
  InvitedMember: invitedBody,
  ChangeMember: changeMemberBody,
  ChangedMember: changedMemberBody,
  AcceptInvitation: acceptBody,
  AcceptedInvitation: acceptedBody,
  Problem: problemBody,
  Live: z.object({ status: z.literal('ok') }),
  Ready: z.object({
    status: z.literal('ready'),
    parts: z.object(Object.fromEntries(PARTS.map((name) => [name, part]))),
  }),
} satisfies Record<string, z.ZodType>;

export type SchemaName = keyof typeof SCHEMAS;

export function jsonSchemas(): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(SCHEMAS).map(([name, schema]) => {
      const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input' }) as Record<string, unknown>;
      return [name, rest];
    }),
  );
}

export function schemaRef(name: SchemaName): { $ref: string } {
  return { $ref: `#/components/schemas/${name}` };
}
