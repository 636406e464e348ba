// API room. Who may do what: one table of roles by operation. Guards ask it, the documents show it, and tests walk
// through every cell of it. What is somebody else's is not there (404); what is not allowed is forbidden (403).
import type { KeyScope, Role } from './caller.js';

export interface Right {
  readonly roles: readonly Role[];
  /** What a key must have been given for it; people need none. */
  readonly scope?: KeyScope;
}

const KEYS = ['bot_key', 'account_key'] as const satisfies readonly Role[];
const PEOPLE = ['owner', 'member'] as const satisfies readonly Role[];
const INSIDE = [...KEYS, ...PEOPLE] as const satisfies readonly Role[];
/** A visitor sees and steers what that visitor asked for, and nothing else. */
const ASKERS = [...INSIDE, 'visitor'] as const satisfies readonly Role[];
const BOOKS = ['account_key', ...PEOPLE] as const satisfies readonly Role[];
/** What the account allows and who pays at its bots is the owner's to say, or their backend's. */
const SETTERS = ['account_key', 'owner'] as const satisfies readonly Role[];
/** Money is a matter for whoever answers for the account, and of a visitor for that visitor alone. */
const BUYERS = ['account_key', 'owner', 'visitor'] as const satisfies readonly Role[];

export const RIGHTS = {
  submitJob: { roles: ASKERS, scope: 'submit' },
  giveQuote: { roles: ASKERS, scope: 'submit' },
  listJobs: { roles: INSIDE, scope: 'read' },
  getJob: { roles: ASKERS, scope: 'read' },
  getJobCost: { roles: INSIDE, scope: 'read' },
  explainJobCost: { roles: INSIDE, scope: 'read' },
  getJobTimeline: { roles: INSIDE, scope: 'read' },
  listJobSteps: { roles: INSIDE, scope: 'read' },
  listStepAttempts: { roles: INSIDE, scope: 'read' },
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
  listLots: { roles: BOOKS, scope: 'account' },
  listEntries: { roles: BOOKS, scope: 'account' },
  streamCredits: { roles: BOOKS, scope: 'account' },
  getUsage: { roles: BOOKS, scope: 'account' },
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
  listOffers: { roles: BUYERS, scope: 'manage' },
  buy: { roles: BUYERS, scope: 'manage' },
  listPurchases: { roles: BUYERS, scope: 'manage' },
  getPurchase: { roles: BUYERS, scope: 'manage' },
  listModels: { roles: INSIDE },
  listRateCards: { roles: INSIDE },
  getRateCard: { roles: INSIDE },
  listTips: { roles: INSIDE },
  getTip: { roles: INSIDE },
} as const satisfies Record<string, Right>;

export type OperationId = keyof typeof RIGHTS;

export function rightOf(operation: OperationId): Right {
  return RIGHTS[operation];
}
