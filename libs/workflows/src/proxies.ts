// Workflows room. Every activity stub, built once with its policy.
import type {
  CheckoutActivities,
  ControlActivities,
  JobActivities,
  PaymentActivities,
  ReportedActivities,
  StepActivities,
  TermsActivities,
} from '@fairmeter/contracts';
import { STEPS_QUEUE } from '@fairmeter/contracts';
import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import { CHECKOUT, LEDGER_WRITE, STEP, STEP_AT_ONCE, STEP_TO_ITS_END } from './policies.js';

export const { admitJob, noteLoop, settleJob } = proxyLocalActivities<JobActivities>(LEDGER_WRITE);

export const { changeTerms } = proxyLocalActivities<TermsActivities>(LEDGER_WRITE);

export const { changeBudget } = proxyLocalActivities<ControlActivities>(LEDGER_WRITE);

export const { abandonReportedStep, beginReportedStep, endReportedStep } =
  proxyLocalActivities<ReportedActivities>(LEDGER_WRITE);

/** On a queue of their own: eager dispatch would pass by its fairness and limits. */
export const { runStep } = proxyActivities<StepActivities>({ ...STEP, taskQueue: STEPS_QUEUE });

/** The same step, for a job that hears it out when it is stopped. */
export const { runStep: runStepToItsEnd } = proxyActivities<StepActivities>({
  ...STEP_TO_ITS_END,
  taskQueue: STEPS_QUEUE,
});

export const { applyPayment } = proxyLocalActivities<PaymentActivities>(LEDGER_WRITE);

export const { lookAtCheckout, openCheckout } = proxyActivities<CheckoutActivities>({
  ...CHECKOUT,
  taskQueue: STEPS_QUEUE,
});

/** The same step, where all that it does is done at once. */
export const { runStep: runStepAtOnce } = proxyLocalActivities<StepActivities>(STEP_AT_ONCE);
