// API room. Who may do what: one table of roles by operation. Guards ask it, the documents show it, and tests walk
// through every cell of it. What is somebody else's is not there (404); what is not allowed is forbidden (403).
import type { KeyScope, Role } from './caller.js';

export interface Right {
  readonly roles: readonly Role[];
  /** What a key must have been given for it; people need none. */
  readonly scope?: KeyScope;
  /** What costs something each time: a visitor does it only so often a minute. */
  readonly paced?: true;
}

const KEYS = ['bot_key', 'account_key'] as const satisfies readonly Role[];
const PEOPLE = ['owner', 'member'] as const satisfies readonly Role[];
/** Of jobs a member sees and steers own ones alone, whatever a cell is open to: `own-jobs.ts` says which those are. */
const INSIDE = [...KEYS, ...PEOPLE] as const satisfies readonly Role[];
/** How each step came about is for whoever built the bot, and for whoever answers for what it costs. */
const BUILDERS = [...KEYS, 'owner'] as const satisfies readonly Role[];
/** A visitor sees and steers what that visitor asked for, and nothing else. */
const ASKERS = [...INSIDE, 'visitor'] as const satisfies readonly Role[];
const VISITORS = ['visitor'] as const satisfies readonly Role[];
/** Whoever sets up bots and keys: the owner, and the owner's own backend. */
const OWNERS = ['account_key', 'owner'] as const satisfies readonly Role[];
const BOOKS = ['account_key', ...PEOPLE] as const satisfies readonly Role[];
/** Money is a matter for whoever answers for the account, and of a visitor for that visitor alone. */
const BUYERS = ['account_key', 'owner', 'visitor'] as const satisfies readonly Role[];
/** What the account allows and who pays at its bots is the owner's to say, or their backend's. */
const SETTERS = ['account_key', 'owner'] as const satisfies readonly Role[];

/** Whoever may have used more than expected, in person: a key reports nothing. */
const REPORTERS = [...PEOPLE, 'visitor'] as const satisfies readonly Role[];

/** Of the platform: in one account at a time, which the route names. */
const STAFF = ['support', 'admin'] as const satisfies readonly Role[];

export const RIGHTS = {
  submitJob: { roles: ASKERS, scope: 'submit', paced: true },
  giveQuote: { roles: INSIDE, scope: 'submit' },
  listJobs: { roles: INSIDE, scope: 'read' },
  getJob: { roles: ASKERS, scope: 'read' },
  getJobCost: { roles: INSIDE, scope: 'read' },
  explainJobCost: { roles: INSIDE, scope: 'read' },
  getJobTimeline: { roles: INSIDE, scope: 'read' },
  listJobSteps: { roles: BUILDERS, scope: 'read' },
  listStepAttempts: { roles: BUILDERS, scope: 'read' },
  getJobResult: { roles: ASKERS, scope: 'read' },
  streamJobEvents: { roles: ASKERS, scope: 'read' },
  listJobFiles: { roles: ASKERS, scope: 'read' },
  readJobFile: { roles: ASKERS, scope: 'read' },
  downloadArtefact: { roles: ASKERS, scope: 'read' },
  cancelJob: { roles: ASKERS, scope: 'submit' },
  resumeJob: { roles: ASKERS, scope: 'submit' },
  changeJobBudget: { roles: INSIDE, scope: 'submit' },
  beginStep: { roles: KEYS, scope: 'report' },
  endStep: { roles: KEYS, scope: 'report' },
  finishJob: { roles: KEYS, scope: 'report' },
  getCredits: { roles: BOOKS, scope: 'account' },
  getCreditHints: { roles: SETTERS, scope: 'account' },
  listLots: { roles: BOOKS, scope: 'account' },
  listEntries: { roles: BOOKS, scope: 'account' },
  streamCredits: { roles: BOOKS, scope: 'account' },
  getUsage: { roles: BOOKS, scope: 'account' },
  getSales: { roles: OWNERS, scope: 'account' },
  makeApiKey: { roles: OWNERS, scope: 'manage' },
  listApiKeys: { roles: OWNERS, scope: 'manage' },
  changeApiKey: { roles: OWNERS, scope: 'manage' },
  rotateApiKey: { roles: OWNERS, scope: 'manage' },
  revokeApiKey: { roles: OWNERS, scope: 'manage' },
  cancelJobsOfKey: { roles: OWNERS, scope: 'manage' },
  makeBot: { roles: OWNERS, scope: 'manage' },
  listBots: { roles: BOOKS, scope: 'read' },
  getBot: { roles: INSIDE, scope: 'read' },
  changeBot: { roles: OWNERS, scope: 'manage' },
  getBotQuality: { roles: OWNERS, scope: 'account' },
  getBotEconomics: { roles: OWNERS, scope: 'account' },
  publishBot: { roles: OWNERS, scope: 'manage' },
  unpublishBot: { roles: OWNERS, scope: 'manage' },
  archiveBot: { roles: OWNERS, scope: 'manage' },
  unarchiveBot: { roles: OWNERS, scope: 'manage' },
  getProfile: { roles: INSIDE, scope: 'read' },
  putProfile: { roles: OWNERS, scope: 'manage' },
  getStyleGuide: { roles: INSIDE, scope: 'read' },
  putStyleGuide: { roles: OWNERS, scope: 'manage' },
  getSnippets: { roles: INSIDE, scope: 'read' },
  putSnippets: { roles: OWNERS, scope: 'manage' },
  offerBot: { roles: OWNERS, scope: 'manage' },
  listTransfers: { roles: OWNERS, scope: 'manage' },
  acceptBot: { roles: OWNERS, scope: 'manage' },
  withdrawBot: { roles: OWNERS, scope: 'manage' },
  makeBotPack: { roles: OWNERS, scope: 'manage' },
  listBotPacks: { roles: BOOKS, scope: 'read' },
  changeBotPack: { roles: OWNERS, scope: 'manage' },
  withdrawBotPack: { roles: OWNERS, scope: 'manage' },
  getBotOffers: { roles: OWNERS, scope: 'manage' },
  setBotOffers: { roles: OWNERS, scope: 'manage' },
  getAccount: { roles: BOOKS, scope: 'account' },
  getSubscription: { roles: OWNERS, scope: 'account' },
  // What an account pays from month to month is a person's decision: no key makes it.
  previewPlanChange: { roles: ['owner'] },
  changePlan: { roles: ['owner'] },
  cancelPlan: { roles: ['owner'] },
  undoPlanChange: { roles: ['owner'] },
  changeAccount: { roles: ['owner'] },
  closeAccount: { roles: ['owner'] },
  getPersonalData: { roles: PEOPLE },
  listMembers: { roles: ['owner'] },
  inviteMember: { roles: ['owner'] },
  withdrawInvitation: { roles: ['owner'] },
  changeMember: { roles: ['owner'] },
  setMemberLimit: { roles: ['owner'] },
  removeMember: { roles: PEOPLE },
  listOffers: { roles: BUYERS, scope: 'manage' },
  buy: { roles: BUYERS, scope: 'manage', paced: true },
  listPurchases: { roles: BUYERS, scope: 'manage' },
  getPurchase: { roles: BUYERS, scope: 'manage' },
  getAutoTopUp: { roles: SETTERS, scope: 'manage' },
  setAutoTopUp: { roles: SETTERS, scope: 'manage' },
  listPurchasesOfAccount: { roles: STAFF },
  reversePurchase: { roles: STAFF },
  listReversals: { roles: STAFF },
  approveReversal: { roles: ['admin'] },
  rejectReversal: { roles: STAFF },
  listWebhooks: { roles: OWNERS, scope: 'manage' },
  makeWebhook: { roles: OWNERS, scope: 'manage' },
  changeWebhook: { roles: OWNERS, scope: 'manage' },
  deleteWebhook: { roles: OWNERS, scope: 'manage' },
  rotateWebhookSecret: { roles: OWNERS, scope: 'manage' },
  testWebhook: { roles: OWNERS, scope: 'manage' },
  listWebhookDeliveries: { roles: OWNERS, scope: 'manage' },
  redeliverWebhook: { roles: OWNERS, scope: 'manage' },
  listNotices: { roles: OWNERS, scope: 'account' },
  listAudit: { roles: OWNERS, scope: 'manage' },
  getLimits: { roles: BOOKS, scope: 'account' },
  setLimits: { roles: SETTERS, scope: 'manage' },
  previewLimits: { roles: SETTERS, scope: 'manage' },
  getFunding: { roles: SETTERS, scope: 'manage' },
  changeFunding: { roles: SETTERS, scope: 'manage' },
  previewFunding: { roles: SETTERS, scope: 'manage' },
  listCampaigns: { roles: BOOKS, scope: 'account' },
  openCampaign: { roles: SETTERS, scope: 'manage' },
  changeCampaign: { roles: SETTERS, scope: 'manage' },
  previewCampaign: { roles: SETTERS, scope: 'manage' },
  listModels: { roles: INSIDE },
  listRateCards: { roles: INSIDE },
  getRateCard: { roles: INSIDE },
  // Whoever gives tokens speaks for every visitor of the bot: to submit is not enough.
  giveVisitorToken: { roles: [...KEYS, 'owner'], scope: 'visitors' },
  listVisitors: { roles: OWNERS, scope: 'manage' },
  getUsageUnits: { roles: VISITORS },
  deleteVisitor: { roles: ['account_key', 'owner'], scope: 'manage' },
  getMyOffers: { roles: VISITORS },
  getMyPlan: { roles: VISITORS },
  previewMyPlan: { roles: VISITORS },
  orderMyPlan: { roles: VISITORS, paced: true },
  cancelMyPlan: { roles: VISITORS },
  undoMyPlan: { roles: VISITORS },
  deleteMe: { roles: VISITORS },
  listGrants: { roles: BOOKS, scope: 'account' },
  askForGrant: { roles: STAFF },
  approveGrant: { roles: ['admin'] },
  rejectGrant: { roles: STAFF },
  listStaffGrants: { roles: STAFF },
  askForCustomPlan: { roles: ['owner'] },
  listCustomPlanRequests: { roles: ['owner'] },
  withdrawCustomPlanRequest: { roles: ['owner'] },
  listStaffCustomPlanRequests: { roles: STAFF },
  offerCustomPlan: { roles: ['admin'] },
  approveCustomPlan: { roles: ['admin'] },
  declineCustomPlan: { roles: ['admin'] },
  reportReview: { roles: REPORTERS, paced: true },
  listReviews: { roles: REPORTERS },
  getReview: { roles: REPORTERS },
  informReview: { roles: REPORTERS },
  reopenReview: { roles: REPORTERS },
  listStaffReviews: { roles: STAFF },
  getStaffReview: { roles: STAFF },
  askInReview: { roles: STAFF },
  analyseReview: { roles: STAFF },
  decideReview: { roles: STAFF },
  approveReview: { roles: ['admin'] },
  closeReview: { roles: STAFF },
  getThread: { roles: ASKERS, scope: 'read' },
  getThreadUsage: { roles: ASKERS, scope: 'read' },
  getThreadOfAccount: { roles: STAFF },
  getThreadUsageOfAccount: { roles: STAFF },
  listJobsOfAccount: { roles: STAFF },
  getJobOfAccount: { roles: STAFF },
  getJobCostOfAccount: { roles: STAFF },
  explainJobCostOfAccount: { roles: STAFF },
  getJobTimelineOfAccount: { roles: STAFF },
  listJobStepsOfAccount: { roles: STAFF },
  listStepAttemptsOfAccount: { roles: STAFF },
  cancelJobOfAccount: { roles: STAFF },
  listEntriesOfAccount: { roles: STAFF },
  getUsageOfAccount: { roles: STAFF },
  listDrift: { roles: STAFF },
  resolveDrift: { roles: ['admin'] },
  listAlerts: { roles: STAFF },
  listLoops: { roles: STAFF },
  reclassifyLoop: { roles: ['admin'] },
  listStaffAudit: { roles: STAFF },
  previewCompensation: { roles: STAFF },
  askForCompensation: { roles: STAFF },
  listCompensations: { roles: STAFF },
  getCompensation: { roles: STAFF },
  listCompensationJobs: { roles: STAFF },
  approveCompensation: { roles: ['admin'] },
  rejectCompensation: { roles: STAFF },
  takeBackCompensation: { roles: ['admin'] },
  addIncident: { roles: ['admin'] },
  listIncidents: { roles: STAFF },
  getIncident: { roles: STAFF },
  changeIncident: { roles: ['admin'] },
  listTips: { roles: INSIDE },
  getTip: { roles: INSIDE },
} as const satisfies Record<string, Right>;

export type OperationId = keyof typeof RIGHTS;

export function isPaced(operation: OperationId): boolean {
  return rightOf(operation).paced === true;
}

export function rightOf(operation: OperationId): Right {
  return RIGHTS[operation];
}
