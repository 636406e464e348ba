// Workflows room. Every activity stub, built once with its policy.
import type {
  AutoTopUpActivities,
  CheckoutActivities,
  CompensationActivities,
  ControlActivities,
  CustomPlanActivities,
  ErasureActivities,
  GrantActivities,
  JobActivities,
  KeptPaymentActivities,
  PaymentActivities,
  PersonErasureActivities,
  ReconcileActivities,
  ReportedActivities,
  ReturnedPaymentActivities,
  ReviewActivities,
  ReviewAnalysisActivities,
  StepActivities,
  SubscriptionActivities,
  SubscriptionPaymentActivities,
  TermsActivities,
  WebhookActivities,
} from '@fairmeter/contracts';
import { STEPS_QUEUE } from '@fairmeter/contracts';
import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import {
  ANALYSIS,
  CHECKOUT,
  KEPT_PAYMENT,
  LEDGER_WRITE,
  RECONCILE_END,
  RECONCILE_PAGE,
  STEP,
  STEP_AT_ONCE,
  STEP_TO_ITS_END,
  SUBSCRIPTION_WRITE,
  WEBHOOK,
} from './policies.js';

export const { admitJob, noteLoop, settleJob } = proxyLocalActivities<JobActivities>(LEDGER_WRITE);

export const { changeTerms } = proxyLocalActivities<TermsActivities>(LEDGER_WRITE);

export const { changeBudget } = proxyLocalActivities<ControlActivities>(LEDGER_WRITE);

export const { abandonReportedStep, beginReportedStep, endReportedStep } =
  proxyLocalActivities<ReportedActivities>(LEDGER_WRITE);

export const { endUnitsOfVisitor, eraseWordsOfVisitor, markVisitorDeleted, openWorkOfVisitor } =
  proxyLocalActivities<ErasureActivities>(LEDGER_WRITE);

export const { eraseWordsOfPerson, leaveAccounts, openWorkOfPerson } =
  proxyLocalActivities<PersonErasureActivities>(LEDGER_WRITE);

export const {
  correctCompensation,
  noteCompensationDecision,
  openCompensation,
  postCompensation,
  previewCompensation,
  refundJobSteps,
} = proxyLocalActivities<CompensationActivities>(LEDGER_WRITE);

export const { decideCustomPlan } = proxyLocalActivities<CustomPlanActivities>(LEDGER_WRITE);

/** On a queue of their own: eager dispatch would pass by its fairness and limits. */
export const { runStep } = proxyActivities<StepActivities>({ ...STEP, taskQueue: STEPS_QUEUE });

/** The same step, for a job that hears it out when it is stopped. */
export const { runStep: runStepToItsEnd } = proxyActivities<StepActivities>({
  ...STEP_TO_ITS_END,
  taskQueue: STEPS_QUEUE,
});

export const { applyPayment, beginReversal } = proxyLocalActivities<PaymentActivities>(LEDGER_WRITE);

export const { beginTopUp, endTopUp } = proxyLocalActivities<AutoTopUpActivities>(LEDGER_WRITE);

export const { payByKeptMeans } = proxyActivities<KeptPaymentActivities>({ ...KEPT_PAYMENT, taskQueue: STEPS_QUEUE });

export const { endGrant, issueGrant, noteGrantDecision, openGrant, warnOfGrantEnd } =
  proxyLocalActivities<GrantActivities>(LEDGER_WRITE);

export const { noteReviewRestored, noteReviewTime, noteReviewWord, openReview } =
  proxyLocalActivities<ReviewActivities>(LEDGER_WRITE);

/** The same, where it has to look at all steps of a thread. */
export const { noteReviewWord: noteReviewDecision } = proxyActivities<Pick<ReviewActivities, 'noteReviewWord'>>({
  ...ANALYSIS,
  taskQueue: STEPS_QUEUE,
});

export const { analyseReview } = proxyActivities<ReviewAnalysisActivities>({ ...ANALYSIS, taskQueue: STEPS_QUEUE });

export const { lookAtCheckout, openCheckout, payBack } = proxyActivities<CheckoutActivities>({
  ...CHECKOUT,
  taskQueue: STEPS_QUEUE,
});

export const { advanceSubscription, applySubscription, openSubscription, seekSubscription } =
  proxyLocalActivities<SubscriptionActivities>(SUBSCRIPTION_WRITE);

export const { askSubscriptionPayment, dropSubscriptionPayment } = proxyActivities<SubscriptionPaymentActivities>({
  ...CHECKOUT,
  taskQueue: STEPS_QUEUE,
});

export const { returnSubscriptionPayment } = proxyActivities<ReturnedPaymentActivities>({
  ...CHECKOUT,
  taskQueue: STEPS_QUEUE,
});

/** The same step, where all that it does is done at once. */
export const { runStep: runStepAtOnce } = proxyLocalActivities<StepActivities>(STEP_AT_ONCE);

/** Beside the steps: it waits for somebody else's server. */
export const { deliverWebhooks, disableWebhook } = proxyActivities<WebhookActivities>({
  ...WEBHOOK,
  taskQueue: STEPS_QUEUE,
});

export const { reconcilePage } = proxyActivities<ReconcileActivities>({ ...RECONCILE_PAGE, taskQueue: STEPS_QUEUE });

export const { endReconcilePass } = proxyActivities<ReconcileActivities>({ ...RECONCILE_END, taskQueue: STEPS_QUEUE });
