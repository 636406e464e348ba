// Bench room, the bare side. The worker process: the product's own host with its own settings, around activities
// that do nothing. The last activity tells the bench the workflow's id over a socket, the cheapest word there is.
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import type {
  CheckoutActivities,
  CompensationActivities,
  ErasureActivities,
  GrantActivities,
  JobActivities,
  PaymentActivities,
  PersonErasureActivities,
  ReportedActivities,
  ReviewActivities,
  ReturnedPaymentActivities,
  StepActivities,
  SubscriptionActivities,
  SubscriptionPaymentActivities,
} from '@fairmeter/contracts';
import { createLogger, freeLoopbackPort, temporalLogger } from '@fairmeter/platform';
import { connectTemporalWorker } from '@fairmeter/platform/temporal';
import { Context } from '@temporalio/activity';
import { Runtime } from '@temporalio/worker';
import { WorkerHost } from '../../apps/worker/src/worker-host.js';
import { BARE_NAMESPACE } from './bare-messages.js';

export interface BareWorkerOptions {
  readonly temporalAddress: string;
  readonly donePort: number;
  readonly jobSlots: number;
  readonly stepSlots: number;
  /** Workflow tasks at once; left out, as many as the product's. */
  readonly workflowTasks?: number;
}

const BUNDLE = fileURLToPath(new URL('bare-bundle.js', import.meta.url));

const neverAsked = async (): Promise<never> => Promise.reject(new Error('a bare workflow reports no step'));
const NO_VISITORS: ErasureActivities = {
  markVisitorDeleted: neverAsked,
  openWorkOfVisitor: neverAsked,
  endUnitsOfVisitor: neverAsked,
  eraseWordsOfVisitor: neverAsked,
};
const NO_PEOPLE: PersonErasureActivities = {
  leaveAccounts: neverAsked,
  openWorkOfPerson: neverAsked,
  eraseWordsOfPerson: neverAsked,
};
const NO_REPORTED_JOBS: ReportedActivities = {
  beginReportedStep: neverAsked,
  endReportedStep: neverAsked,
  abandonReportedStep: neverAsked,
};

const NO_REVIEWS: ReviewActivities = {
  openReview: neverAsked,
  noteReviewWord: neverAsked,
  noteReviewTime: neverAsked,
  noteReviewRestored: neverAsked,
};

const NO_COMPENSATIONS: CompensationActivities = {
  refundJobSteps: neverAsked,
  previewCompensation: neverAsked,
  openCompensation: neverAsked,
  noteCompensationDecision: neverAsked,
  postCompensation: neverAsked,
  correctCompensation: neverAsked,
};

const NO_GRANTS: GrantActivities = {
  openGrant: neverAsked,
  noteGrantDecision: neverAsked,
  issueGrant: neverAsked,
  warnOfGrantEnd: neverAsked,
  endGrant: neverAsked,
};

const NO_SUBSCRIPTIONS: SubscriptionActivities = {
  openSubscription: neverAsked,
  advanceSubscription: neverAsked,
  applySubscription: neverAsked,
  seekSubscription: neverAsked,
};

const NO_PURCHASES: CheckoutActivities & PaymentActivities = {
  openCheckout: neverAsked,
  lookAtCheckout: neverAsked,
  payBack: neverAsked,
  applyPayment: neverAsked,
  beginReversal: neverAsked,
};

const NO_SUBSCRIPTION_PAYMENTS: SubscriptionPaymentActivities & ReturnedPaymentActivities = {
  askSubscriptionPayment: neverAsked,
  dropSubscriptionPayment: neverAsked,
  returnSubscriptionPayment: neverAsked,
};

async function main(options: BareWorkerOptions): Promise<void> {
  const logger = createLogger({ service: 'bare-worker', level: 'warn', pretty: false });
  Runtime.install({
    logger: temporalLogger(logger),
    shutdownSignals: [],
    // The product counts its core's work as well.
    telemetryOptions: { metrics: { prometheus: { bindAddress: `127.0.0.1:${await freeLoopbackPort()}` } } },
  });
  const connection = await connectTemporalWorker({ address: options.temporalAddress });
  const bench = connect(options.donePort, '127.0.0.1');
  bench.setNoDelay(true);
  const jobActivities: JobActivities = {
    admitJob: async () => ({
      outcome: 'admitted',
      job: { jobId: 'none', botType: 'coding', maxIterations: 1 },
    }),
    noteLoop: async () => ({ action: 'stopped', amount: '0' }),
    settleJob: async () => {
      bench.write(`${Context.current().info.workflowExecution?.workflowId ?? 'none'}\n`);
      return { chargeMicroCredits: '0' };
    },
  };
  const stepActivities: StepActivities = {
    runStep: async () => ({ outcome: 'ended', verdict: 'go_on', chargeMicroCredits: '0' }),
  };
  const host = await WorkerHost.create({
    connection,
    namespace: BARE_NAMESPACE,
    workflowBundle: { codePath: BUNDLE },
    jobActivities,
    stepActivities,
    customPlanActivities: { decideCustomPlan: neverAsked },
    compensationActivities: NO_COMPENSATIONS,
    reviewActivities: NO_REVIEWS,
    reviewAnalysis: { analyseReview: neverAsked },
    controlActivities: { changeBudget: async () => ({ outcome: 'changed', maxMicroCredits: '0' }) },
    reportedActivities: NO_REPORTED_JOBS,
    erasureActivities: NO_VISITORS,
    grantActivities: NO_GRANTS,
    personErasureActivities: NO_PEOPLE,
    purchaseActivities: NO_PURCHASES,
    subscriptionActivities: NO_SUBSCRIPTIONS,
    autoTopUps: { beginTopUp: neverAsked, endTopUp: neverAsked, payByKeptMeans: neverAsked },
    subscriptionPayments: NO_SUBSCRIPTION_PAYMENTS,
    reconcileActivities: { reconcilePage: neverAsked, endReconcilePass: neverAsked },
    termsActivities: { changeTerms: async () => ({ outcome: 'changed' }) },
    webhooks: { deliverWebhooks: neverAsked, disableWebhook: neverAsked },
    jobSlots: options.jobSlots,
    stepSlots: options.stepSlots,
    ...(options.workflowTasks === undefined ? {} : { jobWorkflowTasks: options.workflowTasks }),
    shutdownGraceMs: 1_000,
    identity: 'bare-worker',
  });
  host.run((error) => {
    logger.error({ err: error }, 'a worker failed');
    process.exit(1);
  });
  const stop = async (): Promise<void> => {
    await host.shutdown();
    await connection.close();
    process.exit(0);
  };
  process.once('SIGTERM', () => void stop());
  // Without the bench there is nobody to work for.
  bench.on('close', () => void stop());
  bench.on('error', () => undefined);
}

await main(JSON.parse(process.argv[2] ?? '{}') as BareWorkerOptions);
