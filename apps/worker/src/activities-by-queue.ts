// Worker. Which activities run where. A name that is forgotten here does not compile.
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
import { invariant } from '@fairmeter/domain';

export interface WorkerActivities {
  readonly autoTopUps: AutoTopUpActivities & KeptPaymentActivities;
  readonly compensationActivities: CompensationActivities;
  readonly controlActivities: ControlActivities;
  readonly customPlanActivities: CustomPlanActivities;
  readonly erasureActivities: ErasureActivities;
  readonly grantActivities: GrantActivities;
  readonly jobActivities: JobActivities;
  readonly personErasureActivities: PersonErasureActivities;
  readonly purchaseActivities: CheckoutActivities & PaymentActivities;
  readonly reconcileActivities: ReconcileActivities;
  readonly reportedActivities: ReportedActivities;
  readonly reviewActivities: ReviewActivities;
  readonly reviewAnalysis: ReviewAnalysisActivities;
  readonly stepActivities: StepActivities;
  readonly subscriptionActivities: SubscriptionActivities;
  readonly subscriptionPayments: SubscriptionPaymentActivities & ReturnedPaymentActivities;
  readonly termsActivities: TermsActivities;
  readonly webhooks: WebhookActivities;
}

type BesideWorkflows = AutoTopUpActivities &
  CompensationActivities &
  ControlActivities &
  CustomPlanActivities &
  ErasureActivities &
  GrantActivities &
  JobActivities &
  PaymentActivities &
  PersonErasureActivities &
  ReportedActivities &
  ReviewActivities &
  StepActivities &
  SubscriptionActivities &
  TermsActivities;

type OnStepsQueue = CheckoutActivities &
  KeptPaymentActivities &
  ReconcileActivities &
  ReturnedPaymentActivities &
  Pick<ReviewActivities, 'noteReviewWord'> &
  ReviewAnalysisActivities &
  StepActivities &
  SubscriptionPaymentActivities &
  WebhookActivities;

/** Short ones, next to the workflows of either queue. */
export function besideWorkflows(its: WorkerActivities): BesideWorkflows {
  return {
    ...bound(its.autoTopUps, ['beginTopUp', 'endTopUp']),
    ...bound(its.compensationActivities, [
      'refundJobSteps',
      'previewCompensation',
      'openCompensation',
      'noteCompensationDecision',
      'postCompensation',
      'correctCompensation',
    ]),
    ...bound(its.controlActivities, ['changeBudget']),
    ...bound(its.customPlanActivities, ['decideCustomPlan']),
    ...bound(its.erasureActivities, [
      'markVisitorDeleted',
      'openWorkOfVisitor',
      'endUnitsOfVisitor',
      'eraseWordsOfVisitor',
    ]),
    ...bound(its.grantActivities, ['openGrant', 'noteGrantDecision', 'issueGrant', 'warnOfGrantEnd', 'endGrant']),
    ...bound(its.jobActivities, ['admitJob', 'noteLoop', 'settleJob']),
    ...bound(its.personErasureActivities, ['leaveAccounts', 'openWorkOfPerson', 'eraseWordsOfPerson']),
    ...bound(its.purchaseActivities, ['applyPayment', 'beginReversal']),
    ...bound(its.reportedActivities, ['beginReportedStep', 'endReportedStep', 'abandonReportedStep']),
    ...bound(its.reviewActivities, ['openReview', 'noteReviewWord', 'noteReviewTime', 'noteReviewRestored']),
    // Those whose tool answers at once.
    ...bound(its.stepActivities, ['runStep']),
    ...bound(its.subscriptionActivities, [
      'openSubscription',
      'advanceSubscription',
      'applySubscription',
      'seekSubscription',
    ]),
    ...bound(its.termsActivities, ['changeTerms']),
  };
}

/** What takes time and talks to the world. */
export function onStepsQueue(its: WorkerActivities): OnStepsQueue {
  return {
    ...bound(its.autoTopUps, ['payByKeptMeans']),
    ...bound(its.purchaseActivities, ['openCheckout', 'lookAtCheckout', 'payBack']),
    ...bound(its.reconcileActivities, ['reconcilePage', 'endReconcilePass']),
    // Decisions alone, which look at a whole thread as its analysis does.
    ...bound(its.reviewActivities, ['noteReviewWord']),
    ...bound(its.reviewAnalysis, ['analyseReview']),
    ...bound(its.stepActivities, ['runStep']),
    ...bound(its.subscriptionPayments, [
      'askSubscriptionPayment',
      'dropSubscriptionPayment',
      'returnSubscriptionPayment',
    ]),
    ...bound(its.webhooks, ['deliverWebhooks', 'disableWebhook']),
  };
}

/** A Worker calls them without what they belong to. */
function bound<T extends object, Name extends keyof T>(its: T, names: readonly Name[]): Pick<T, Name> {
  const entries = names.map((name) => {
    const activity: unknown = its[name];
    invariant(typeof activity === 'function', 'worker.activities-are-functions', `${String(name)} is no activity`);
    return [name, activity.bind(its)] as const;
  });
  return Object.fromEntries(entries) as Pick<T, Name>;
}
