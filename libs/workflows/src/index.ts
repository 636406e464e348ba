// Workflows' one door, and the bundle's entry: what is exported here is a workflow type.
export { accountTerms } from './account-terms/account-terms.workflow.js';
export { aiJob } from './ai-job/ai-job.workflow.js';
export { PATCHES } from './patches.js';
export { paymentEvent, purchase } from './purchase/purchase.workflow.js';
