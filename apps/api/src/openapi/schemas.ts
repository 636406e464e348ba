// API room. The named schemas of the document, from the same zod schemas that read and write the bodies.
import { z } from 'zod';
import { filesBody } from '../artefacts/files-body.js';
import { apiKeyBody, apiKeysBody, cancelledJobsBody, changeKeyBody } from '../api-keys/key-body.js';
import { madeKeyBody, newKeyBody, rotateKeyBody } from '../api-keys/key-body.js';
import { botBody, botsBody, changeBotBody, newBotBody, publicationBody, publicBotBody } from '../bots/bot-body.js';
import { GUIDE_BODIES, profileBody, snippetsBody, styleGuideBody } from '../bots/guide-body.js';
import { changePackBody, newPackBody, packBody, packsBody, withdrawnBody } from '../bots/pack-body.js';
import { botOffersBody, setBotOffersBody } from '../bots/bot-offers-body.js';
import { offerBody, transferBody, transfersBody } from '../bots/transfer-body.js';
import { AUDIT_BODIES } from '../audit/audit-body.js';
import { creditHintsBody } from '../account/credit-hints.js';
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
import { plansBody } from '../catalogue/plans-body.js';
import { rateCardBody, rateCardsBody } from '../catalogue/rate-cards-body.js';
import {
  approveCustomPlanBody,
  askCustomPlanBody,
  customPlanRequestBody,
  customPlanRequestsBody,
  declineCustomPlanBody,
  offerCustomPlanBody,
  staffCustomPlanBody,
  staffCustomPlansBody,
} from '../custom-plans/custom-plan-body.js';
import {
  askGrantBody,
  decideGrantBody,
  earningRulesBody,
  grantsBody,
  staffGrantBody,
  staffGrantsBody,
} from '../grants/grant-body.js';
import {
  askCompensationBody,
  compensationBody,
  compensationJobsBody,
  compensationsBody,
  decideCompensationBody,
  previewCompensationBody,
  takeBackBody,
} from '../compensations/compensation-body.js';
import { changeIncidentBody, incidentBody, incidentsBody, newIncidentBody } from '../incidents/incident-body.js';
import { costBody } from '../jobs/cost-body.js';
import { budgetBody } from '../job-control/budget-body.js';
import { explainBody } from '../jobs/explain-body.js';
import { jobBody, submittedBody } from '../jobs/job-body.js';
import { jobsBody } from '../jobs/jobs-body.js';
import { resultBody } from '../jobs/result-body.js';
import { attemptsBody, stepsBody } from '../jobs/steps-body.js';
import { submitBody } from '../jobs/submit-body.js';
import { timelineBody } from '../jobs/timeline-body.js';
import { LOOP_BODIES } from '../loops/loop-body.js';
import { OPERATIONS_BODIES } from '../operations/drift-body.js';
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
  memberLimitBody,
  membersBody,
  setMemberLimitBody,
} from '../people/members-body.js';
import { REVIEW_SCHEMAS } from '../reviews/review-schemas.js';
import { quoteBody } from '../quotes/quote-body.js';
import { quoteRequest } from '../quotes/quote-request.js';
import { allSoldBody, reversalRequest, soldBody } from '../purchases/purchase-body.js';
import { autoTopUpBody, autoTopUpRequest } from '../top-ups/auto-top-up-body.js';
import { boughtBody, offersBody, purchaseBody, purchaseRequest, purchasesBody } from '../purchases/purchase-body.js';
import { reversalBody, reversalsBody } from '../purchases/reversal-body.js';
import { beginStepBody, endStepBody, finishBody } from '../reported/reported-body.js';
import { begunStepBody, endedStepBody, finishedBody } from '../reported/reported-answer.js';
import { economicsBody } from '../panels/economics-body.js';
import { qualityBody } from '../panels/quality-body.js';
import { PARTS } from '../health/readiness.js';
import { problemBody } from '../problems/problem-body.js';
import {
  changePlanBody,
  changePreviewBody,
  previewChangeBody,
  subscriptionBody,
} from '../subscription/subscription-body.js';
import { STAFF_JOB_BODIES } from '../staff-accounts/staff-job-body.js';
import { salesBody } from '../sales/sales-body.js';
import { threadBody, threadUsageBody } from '../threads/thread-body.js';
import { tipBody, tipsBody } from '../tips/tips-body.js';
import { usageBody } from '../usage/usage-body.js';
import { myPlanBody, myPlanPreviewBody, orderMyPlanBody } from '../visitors/my-plan-body.js';
import { myOffersBody } from '../visitors/offers-body.js';
import { usageUnitsBody } from '../visitors/usage-units.js';
import { personErasureBody } from '../people/person-erasure.js';
import { erasureBody } from '../visitors/visitor-erasure.js';
import { WEBHOOK_SCHEMAS } from '../webhooks/webhook-body.js';
import { visitorsBody, visitorTokenBody, visitorTokenRequest } from '../visitors/visitors-body.js';

const part = z.enum(['ok', 'missing']);

const SCHEMAS = {
  ...WEBHOOK_SCHEMAS,
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
  ...STAFF_JOB_BODIES,
  QuoteRequest: quoteRequest,
  Quote: quoteBody,
  Offers: offersBody,
  Buy: purchaseRequest,
  Bought: boughtBody,
  Purchase: purchaseBody,
  Purchases: purchasesBody,
  AutoTopUp: autoTopUpBody,
  SetAutoTopUp: autoTopUpRequest,
  Sold: soldBody,
  AllSold: allSoldBody,
  ReversePurchase: reversalRequest,
  AskForCustomPlan: askCustomPlanBody,
  CustomPlanRequest: customPlanRequestBody,
  CustomPlanRequests: customPlanRequestsBody,
  OfferCustomPlan: offerCustomPlanBody,
  ApproveCustomPlan: approveCustomPlanBody,
  DeclineCustomPlan: declineCustomPlanBody,
  StaffCustomPlanRequest: staffCustomPlanBody,
  StaffCustomPlanRequests: staffCustomPlansBody,
  Reversal: reversalBody,
  Thread: threadBody,
  ThreadUsage: threadUsageBody,
  ...OPERATIONS_BODIES,
  Reversals: reversalsBody,
  Models: modelsBody,
  Plans: plansBody,
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
  CreditHints: creditHintsBody,
  Lots: lotsBody,
  Ledger: ledgerBody,
  Grants: grantsBody,
  EarningRules: earningRulesBody,
  AskForGrant: askGrantBody,
  DecideGrant: decideGrantBody,
  StaffGrant: staffGrantBody,
  StaffGrants: staffGrantsBody,
  ...REVIEW_SCHEMAS,
  PreviewCompensation: previewCompensationBody,
  AskForCompensation: askCompensationBody,
  DecideCompensation: decideCompensationBody,
  TakeBackCompensation: takeBackBody,
  Compensation: compensationBody,
  Compensations: compensationsBody,
  CompensationJobs: compensationJobsBody,
  AddIncident: newIncidentBody,
  ChangeIncident: changeIncidentBody,
  Incident: incidentBody,
  Incidents: incidentsBody,
  ...LOOP_BODIES,
  Subscription: subscriptionBody,
  PreviewPlanChange: previewChangeBody,
  PlanChangePreview: changePreviewBody,
  ChangePlan: changePlanBody,
  Usage: usageBody,
  Sales: salesBody,
  ...AUDIT_BODIES,
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
  ChangeBotPack: changePackBody,
  BotPack: packBody,
  BotPacks: packsBody,
  SetBotOffers: setBotOffersBody,
  BotOffers: botOffersBody,
  Withdrawn: withdrawnBody,
  Tip: tipBody,
  VisitorTokenRequest: visitorTokenRequest,
  VisitorToken: visitorTokenBody,
  Visitors: visitorsBody,
  UsageUnits: usageUnitsBody,
  MyOffers: myOffersBody,
  MyPlan: myPlanBody,
  MyPlanPreview: myPlanPreviewBody,
  OrderMyPlan: orderMyPlanBody,
  Erasure: erasureBody,
  PersonErasure: personErasureBody,
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
  SetMemberLimit: setMemberLimitBody,
  MemberLimit: memberLimitBody,
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
