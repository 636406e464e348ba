// Activities room. Everything behind the activities, made in the order of its needs: database, ledger, models.
import { availableParallelism } from 'node:os';
import type {
  CheckoutActivities,
  CompensationActivities,
  ControlActivities,
  CustomPlanActivities,
  ErasureActivities,
  GrantActivities,
  JobActivities,
  PaymentActivities,
  PersonErasureActivities,
  ReconcileActivities,
  ReportedActivities,
  ReviewActivities,
  ReviewAnalysisActivities,
  StepActivities,
  SubscriptionActivities,
  TermsActivities,
} from '@fairmeter/contracts';
import type { ProcessSign } from '@fairmeter/domain';
import { instant } from '@fairmeter/domain';
import {
  JobControlLedger,
  JobLedger,
  LedgerStore,
  LotLedger,
  OutboxFeed,
  ReportedLedger,
  SubscriptionLedger,
  TermsLedger,
} from '@fairmeter/ledger';
import type { Logger, WorkerConfig } from '@fairmeter/platform';
import { ProcessSigns, systemClock } from '@fairmeter/platform';
import type { EntityDatabase } from '@fairmeter/platform/database';
import type { PaymentPort } from '@fairmeter/providers/payments';
import { OUR_TOOLS } from '@fairmeter/providers/tools';
import type { AwaitedSubscription, LostSubscription } from '@fairmeter/records';
import {
  forgetFreeRates,
  forgetWorker,
  sweepArtefacts,
  sweepInvitations,
  sweepReplies,
  touchWorker,
} from '@fairmeter/records';
import { CompensationActivitiesOverLedger } from './compensations/compensation.activities.js';
import { CustomPlanActivitiesOverRecords } from './custom-plans/custom-plan.activities.js';
import { GrantActivitiesOverLedger } from './grants/grant.activities.js';
import { grantRulesOf } from './grants/grant-rules.js';
import { JobControlActivities } from './jobs/job-control.activities.js';
import { JobMemory } from './jobs/job-memory.js';
import { policyOf, refundCapOf } from './jobs/loop-rules.js';
import { JobActivitiesOverLedger, type JobActivityParts } from './jobs/job.activities.js';
import { LostRequests } from './lost-requests.js';
import { AutoTopUps } from './purchases/auto-top-up.activities.js';
import { PurchaseActivities } from './purchases/purchase.activities.js';
import { Reconciliation } from './reconcile/reconcile.activities.js';
import type { WorkflowsAsked } from './reconcile/workflows-asked.js';
import { openFeeding, openRecords, openWriter } from './open-databases.js';
import { ReportedJobActivities } from './reported/reported-job.activities.js';
import type { PlatformReviews } from './reviews/platform-reviews.js';
import { reviewsOf } from './reviews/open-reviews.js';
import { StepActivitiesOverPorts } from './steps/step.activities.js';
import { HEARTBEAT_MS } from './steps/step-control.js';
import { TokenShelf } from './steps/token-shelf.js';
import { Turnstile } from './steps/turnstile.js';
import type { Begin } from './subscriptions/begun-subscriptions.js';
import { AwaitedSubscriptions, beginLost, tellReckoned } from './subscriptions/begun-subscriptions.js';
import { SubscriptionActivitiesOverLedger } from './subscriptions/subscription.activities.js';
import { SubscriptionEffects } from './subscriptions/subscription-effects.js';
import { PaidLots } from './subscription-payments/paid-lots.js';
import { SubscriptionPaymentDesk } from './subscription-payments/payment.activities.js';
import { TermsActivitiesOverLedger } from './terms/terms.activities.js';
import { PersonErasureActivitiesOverRecords } from './people/person-erasure.activities.js';
import { VisitorErasureActivities } from './visitors/visitor-erasure.activities.js';
import type { CreditWarnings } from './notices/credit-warnings.js';
import type { NoticeMails } from './notices/notice-mails.js';
import { openNotices } from './notices/open-notices.js';
import { openWebhooks } from './webhooks/open-webhooks.js';
import type { WebhookDesk } from './webhooks/webhook.activities.js';
import { sweepFiles } from './workspaces/file-sweep.js';
import { WorkspaceShelf } from './workspaces/workspace-shelf.js';
import type { World } from './world.js';
import { modelsFrom, paymentsFrom, scriptBook, toolsFrom } from './world.js';

export interface ActivitiesInUse {
  readonly jobActivities: JobActivities;
  readonly stepActivities: StepActivities;
  readonly compensationActivities: CompensationActivities;
  readonly controlActivities: ControlActivities;
  readonly customPlanActivities: CustomPlanActivities;
  readonly reportedActivities: ReportedActivities;
  readonly erasureActivities: ErasureActivities;
  readonly grantActivities: GrantActivities;
  readonly personErasureActivities: PersonErasureActivities;
  readonly purchaseActivities: CheckoutActivities & PaymentActivities;
  readonly subscriptionActivities: SubscriptionActivities;
  /** Also asked by whoever hears that credits fell. */
  readonly autoTopUps: AutoTopUps;
  readonly subscriptionPayments: SubscriptionPaymentDesk;
  readonly reviewActivities: ReviewActivities;
  readonly reviewAnalysis: ReviewAnalysisActivities;
  /** Also asked by whoever hears of a loop that a person has to look at. */
  readonly platformReviews: PlatformReviews;
  /** Asked by whoever begins what was asked for while Temporal was away. */
  readonly lostRequests: LostRequests;
  readonly termsActivities: TermsActivities;
  /** What nobody does and an account wants to hear of all the same. */
  readonly creditWarnings: CreditWarnings;
  readonly noticeMails: NoticeMails;
  /** Also asked by whoever makes the first try. */
  readonly webhooks: WebhookDesk;
  /** By whoever asks the server of workflows. */
  readonly reconciliation: (workflows: WorkflowsAsked) => ReconcileActivities;
  /** What happened in the ledger, for whoever must act on it. */
  readonly outbox: OutboxFeed;
  /** Says to whoever asks for readiness that this worker lives. */
  sayAlive(worker: { readonly id: string; readonly version: string }): Promise<void>;
  /** What this process counts of itself. */
  readonly signs: ProcessSigns<ProcessSign>;
  sayGone(workerId: string): Promise<void>;
  /** Has some of the subscriptions begun that accounts came without, and says how many: none when nothing is left. */
  beginAwaitedSubscriptions(begin: Begin<AwaitedSubscription>): Promise<number>;
  /** Has some of those subscriptions begun whose runs may be lost, and says how many: none when nothing is left. */
  beginLostSubscriptions(begin: Begin<LostSubscription>): Promise<number>;
  /** Has some of those subscriptions told that reckoned by an older time-zone release, and says how many likewise. */
  tellReckonedSubscriptions(tell: Begin<LostSubscription>, release?: string): Promise<number>;
  /** Frees some ZIPs, files and stored answers that have expired, and says how many: none when nothing is left. */
  sweepArtefacts(): Promise<number>;
  close(): Promise<void>;
}

export async function openActivities(
  config: WorkerConfig,
  logger: Logger,
  world: Partial<World> = {},
): Promise<ActivitiesInUse> {
  const script = config.modelScriptFile === undefined ? null : scriptBook(config.modelScriptFile);
  const writer = await openWriter(config, logger);
  const entities = await openRecords(config);
  const memory = new JobMemory();
  const feeding = await openFeeding(config);
  const signs = new ProcessSigns<ProcessSign>(systemClock);
  const store = new LedgerStore(writer, { onBusy: () => signs.saw('ledger_busy') });
  const notices = openNotices(config, entities);
  const payments = world.payments ?? (await paymentsFrom(config));
  const jobs = new JobLedger(store);
  const control = new JobControlLedger(store);
  return {
    jobActivities: jobsOf(config, { jobs, entities, memory }),
    reportedActivities: new ReportedJobActivities({
      reported: new ReportedLedger(store),
      control,
      entities,
      memory,
      clock: systemClock,
    }),
    personErasureActivities: new PersonErasureActivitiesOverRecords(entities),
    erasureActivities: new VisitorErasureActivities({ entities, lots: new LotLedger(store) }),
    ...byStaffAndBuyers(config, { entities, store, payments }),
    subscriptionPayments: subscriptionPaymentsOf(config, { entities, store, payments }),
    subscriptionActivities: subscriptionsOf(config, entities, store),
    ...reviewsOf(config, entities),
    lostRequests: new LostRequests(entities),
    termsActivities: new TermsActivitiesOverLedger({ terms: new TermsLedger(store), entities }),
    controlActivities: new JobControlActivities({ control, entities, memory, clock: systemClock }),
    reconciliation: (workflows) =>
      new Reconciliation({ jobs, entities, clock: systemClock, workflows, signs, ...config.reconcile }),
    outbox: new OutboxFeed(feeding),
    webhooks: openWebhooks(config, { entities, feeding, logger }),
    ...notices,
    stepActivities: new StepActivitiesOverPorts({
      jobs,
      control,
      entities,
      models: world.models ?? modelsFrom(config, script),
      tools: world.tools ?? toolsFrom(script),
      memory,
      tokens: new TokenShelf(),
      shelf: new WorkspaceShelf(entities),
      turnstile: new Turnstile(config.stepsBeginAtOnce ?? availableParallelism()),
      heartbeatMs: world.heartbeatMs ?? HEARTBEAT_MS,
    }),
    signs,
    sayAlive: (worker) =>
      touchWorker(entities.manager, { ...worker, signs: signs.counted(), now: () => systemClock.now() }),
    sayGone: (workerId) => forgetWorker(entities.manager, workerId),
    ...begunByOthers(entities),
    sweepArtefacts: async () => sweep(entities),
    close: async () => {
      await OUR_TOOLS.stop();
      notices.noticeMails.close();
      await feeding.close();
      await entities.close();
      await writer.close();
    },
  };
}

function begunByOthers(
  entities: EntityDatabase,
): Pick<ActivitiesInUse, 'beginAwaitedSubscriptions' | 'beginLostSubscriptions' | 'tellReckonedSubscriptions'> {
  const awaited = new AwaitedSubscriptions(entities);
  return {
    beginAwaitedSubscriptions: async (begin) => awaited.begin(begin),
    beginLostSubscriptions: async (begin) => beginLost(entities, begin),
    tellReckonedSubscriptions: async (tell, release = ZONE_RULES) => tellReckoned(entities, { release, tell }),
  };
}

function subscriptionPaymentsOf(
  config: WorkerConfig,
  { entities, store, payments }: GivingParts,
): SubscriptionPaymentDesk {
  const paidLots = new PaidLots({ lots: new LotLedger(store), clock: systemClock });
  return new SubscriptionPaymentDesk({ entities, payments, policy: config.subscriptions, paidLots });
}

function jobsOf(config: WorkerConfig, parts: Pick<JobActivityParts, 'jobs' | 'entities' | 'memory'>): JobActivities {
  return new JobActivitiesOverLedger({
    ...parts,
    clock: systemClock,
    loopPolicy: policyOf(config.loops),
    refundCap: refundCapOf(config.loops),
    waitMs: config.waitForCreditsMs,
    idleMs: config.reportedIdleMs,
    stepMs: config.reportedStepMs,
  });
}

interface GivingParts {
  readonly entities: EntityDatabase;
  readonly store: LedgerStore;
  readonly payments: PaymentPort;
}

/** What gives credits or takes them back, where one person of the staff may not do so alone without limit. */
function byStaffAndBuyers(
  config: WorkerConfig,
  { entities, store, payments }: GivingParts,
): Pick<
  ActivitiesInUse,
  'autoTopUps' | 'compensationActivities' | 'customPlanActivities' | 'grantActivities' | 'purchaseActivities'
> {
  const rules = grantRulesOf(config.grants);
  const lots = new LotLedger(store);
  const policy = { retryAfterFailureMs: config.topUpRetryAfterFailureMs };
  return {
    autoTopUps: new AutoTopUps({ entities, payments, clock: systemClock, policy }),
    compensationActivities: new CompensationActivitiesOverLedger({ entities, jobs: new JobLedger(store), lots, rules }),
    customPlanActivities: new CustomPlanActivitiesOverRecords(entities, rules.alone),
    grantActivities: new GrantActivitiesOverLedger(entities, lots, rules),
    purchaseActivities: new PurchaseActivities({ entities, lots, payments, clock: systemClock, rules }),
  };
}

function subscriptionsOf(
  { subscriptions: policy }: WorkerConfig,
  entities: EntityDatabase,
  store: LedgerStore,
): SubscriptionActivities {
  const [lots, terms, news] = [new LotLedger(store), new TermsLedger(store), new SubscriptionLedger(store)];
  const paidLots = new PaidLots({ lots, clock: systemClock });
  const effects = new SubscriptionEffects({ entities, lots, paidLots, terms, news });
  return new SubscriptionActivitiesOverLedger({ entities, effects, policy, zoneRules: ZONE_RULES });
}

/** The time-zone release of this process; all of one deployment run the same. */
const ZONE_RULES = process.versions['tz'] ?? '';

async function sweep({ manager }: EntityDatabase): Promise<number> {
  const now = instant(systemClock.now());
  await forgetFreeRates(manager);
  const ended = await sweepInvitations(manager, now);
  const replies = await sweepReplies(manager, now);
  return ended + replies + (await sweepArtefacts(manager, now)) + (await sweepFiles(manager, now));
}
