// Workflows' one door, and the bundle's entry: what is exported here is a workflow type.
export { accountTerms } from './account-terms/account-terms.workflow.js';
export { aiJob } from './ai-job/ai-job.workflow.js';
export { autoTopUp } from './auto-top-up/auto-top-up.workflow.js';
export { compensation } from './compensation/compensation.workflow.js';
export { compensationCorrection } from './compensation/correction.workflow.js';
export { customPlan } from './custom-plan/custom-plan.workflow.js';
export { grant } from './grant/grant.workflow.js';
export { accountSubscription, endUserSubscription } from './subscription/subscription.workflow.js';
export { PATCHES } from './patches.js';
export { personErasure } from './erasure/person-erasure.workflow.js';
export { visitorErasure } from './erasure/visitor-erasure.workflow.js';
export { usageReview } from './usage-review/usage-review.workflow.js';
export { webhookDelivery } from './webhook-delivery/webhook-delivery.workflow.js';
export { paymentEvent, purchase, purchaseReversal } from './purchase/purchase.workflow.js';
export { reconcile } from './reconcile/reconcile.workflow.js';
