// API room. What the process is made of. The world comes in through `ApiParts`, opened before and closed after.
import type { ApiConfig, Clock, HttpMetrics, Logger, Registry } from '@fairmeter/platform';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { AccountController } from './account/account.controller.js';
import { AccountReader } from './account/account-reader.js';
import { CreditHints } from './account/credit-hints.js';
import { ArtefactReader } from './artefacts/artefact-reader.js';
import { ArtefactsController } from './artefacts/artefacts.controller.js';
import { FileReader } from './artefacts/file-reader.js';
import { FilesController } from './artefacts/files.controller.js';
import { AuditController, StaffAuditController } from './audit/audit.controller.js';
import { AuditReader } from './audit/audit-reader.js';
import { CampaignDesk } from './campaigns/campaign-desk.js';
import { CampaignsController } from './campaigns/campaigns.controller.js';
import { CatalogueController } from './catalogue/catalogue.controller.js';
import { CatalogueReader } from './catalogue/catalogue-reader.js';
import { PlansController } from './catalogue/plans.controller.js';
import { COMPENSATION_CONTROLLERS, COMPENSATION_DESKS } from './compensations/compensation-parts.js';
import { CustomPlanDesk } from './custom-plans/custom-plan-desk.js';
import { CustomPlanStart } from './custom-plans/custom-plan-start.js';
import { CustomPlansController } from './custom-plans/custom-plans.controller.js';
import { StaffCustomPlanDesk } from './custom-plans/staff-custom-plan-desk.js';
import { StaffCustomPlansController } from './custom-plans/staff-custom-plans.controller.js';
import { EventReply } from './events/event-reply.js';
import { EventWake } from './events/event-wake.js';
import { JobEventsController } from './events/job-events.controller.js';
import { GrantDesk } from './grants/grant-desk.js';
import { GrantReader } from './grants/grant-reader.js';
import { EarningRulesController, GrantsController } from './grants/grants.controller.js';
import { StaffGrantsController } from './grants/staff-grants.controller.js';
import { HealthController } from './health/health.controller.js';
import { ReadinessCheck } from './health/readiness.js';
import { JobControl } from './job-control/job-control.js';
import { JobControlController } from './job-control/job-control.controller.js';
import { AdmissionClient } from './jobs/admission-client.js';
import { Admission } from './jobs/admission.js';
import { OwnerRefusals } from './jobs/owner-refusals.js';
import { JobReader } from './jobs/job-reader.js';
import { JobReadsController } from './jobs/job-reads.controller.js';
import { JobsController } from './jobs/jobs.controller.js';
import { ApiKeysController } from './api-keys/api-keys.controller.js';
import { KeyDesk } from './api-keys/key-desk.js';
import { KeyJobs } from './api-keys/key-jobs.js';
import { BotDesk } from './bots/bot-desk.js';
import { BotOffersController } from './bots/bot-offers.controller.js';
import { BotOffersDesk } from './bots/bot-offers-desk.js';
import { BotsController } from './bots/bots.controller.js';
import { GuideDesk } from './bots/guide-desk.js';
import { GuidesController } from './bots/guides.controller.js';
import { PackDesk } from './bots/pack-desk.js';
import { PacksController } from './bots/packs.controller.js';
import { PublicBotsController } from './bots/public-bots.controller.js';
import { TransferDesk } from './bots/transfer-desk.js';
import { TransfersController } from './bots/transfers.controller.js';
import { ApiKeys } from './callers/api-keys.js';
import { Callers } from './callers/callers.js';
import { FundingController } from './limits/funding.controller.js';
import { LimitsController } from './limits/limits.controller.js';
import { LimitsDesk } from './limits/limits-desk.js';
import { TermsDesk } from './limits/terms-desk.js';
import { VisitorTokens } from './callers/visitor-tokens.js';
import { KeyUses } from './callers/key-uses.js';
import { Changes } from './changes/changes.js';
import { Erasures } from './changes/erasures.js';
import { People } from './callers/people.js';
import { AuthController } from './auth/auth.controller.js';
import { IdentityTokens } from './auth/identity-tokens.js';
import { SignIn } from './auth/sign-in.js';
import { AccountChanges } from './people/account-changes.js';
import { AccountDesk } from './people/account-desk.js';
import { AccountSettingsController } from './people/account-settings.controller.js';
import { MeController } from './people/me.controller.js';
import { MemberDesk } from './people/member-desk.js';
import { PersonErasure } from './people/person-erasure.js';
import { InvitationsController, MembersController } from './people/members.controller.js';
import { Alerts } from './operations/alerts.js';
import { DriftDesk } from './operations/drift-desk.js';
import { OperationsController } from './operations/operations.controller.js';
import { EconomicsReader } from './panels/economics-reader.js';
import { PanelsController } from './panels/panels.controller.js';
import { QualityReader } from './panels/quality-reader.js';
import { ProblemsController } from './problems/problems.controller.js';
import { ProblemsFilter } from './problems/problems.filter.js';
import { RouteBook } from './problems/route-book.js';
import { PurchaseHints } from './purchases/purchase-hints.js';
import { PurchaseDesk } from './purchases/purchase-desk.js';
import { PurchasesController } from './purchases/purchases.controller.js';
import { ReversalDesk } from './purchases/reversal-desk.js';
import { Reversals } from './purchases/reversals.js';
import { StripeEventsController } from './purchases/stripe-events.controller.js';
import { StaffReversalsController } from './purchases/staff-reversals.controller.js';
import { SupportDesk } from './purchases/support-desk.js';
import { SupportPurchasesController } from './purchases/support-purchases.controller.js';
import { QuoteDesk } from './quotes/quote-desk.js';
import { QuotesController } from './quotes/quotes.controller.js';
import { ReportedDesk } from './reported/reported-desk.js';
import { ReportedJobsController } from './reported/reported-jobs.controller.js';
import { REVIEW_CONTROLLERS, REVIEW_DESKS } from './reviews/review-parts.js';
import { STAFF_ACCOUNT_CONTROLLERS, STAFF_ACCOUNT_DESKS } from './staff-accounts/staff-account-parts.js';
import { SubscriptionCalls } from './subscription/subscription-calls.js';
import { SubscriptionController } from './subscription/subscription.controller.js';
import { SubscriptionDesk } from './subscription/subscription-desk.js';
import { SubscriptionEndings } from './subscription/subscription-endings.js';
import { SubscriptionOpenings } from './subscription/subscription-openings.js';
import { SubscriptionReader } from './subscription/subscription-reader.js';
import { ZoneDesk } from './subscription/zone-desk.js';
import { SalesController } from './sales/sales.controller.js';
import { SalesReader } from './sales/sales-reader.js';
import { ThreadReader } from './threads/thread-reader.js';
import { ThreadsController } from './threads/threads.controller.js';
import { TipReader } from './tips/tip-reader.js';
import { TipsPageController } from './tips/tips-page.controller.js';
import { TipsController } from './tips/tips.controller.js';
import { AutoTopUpController } from './top-ups/auto-top-up.controller.js';
import { AutoTopUpDesk } from './top-ups/auto-top-up-desk.js';
import { UsageController } from './usage/usage.controller.js';
import { UsageReader } from './usage/usage-reader.js';
import { MyPlanController } from './visitors/my-plan.controller.js';
import { MyPlanDesk } from './visitors/my-plan-desk.js';
import { VisitorMeController } from './visitors/me.controller.js';
import { UsageUnits } from './visitors/usage-units.js';
import { VisitorErasure } from './visitors/visitor-erasure.js';
import { VisitorDesk } from './visitors/visitor-desk.js';
import { Rates } from './requests/rates.js';
import { VisitorRates } from './visitors/visitor-rates.js';
import { VisitorRefusals } from './visitors/visitor-refusals.js';
import { VisitorsController } from './visitors/visitors.controller.js';
import { API_CLOCK, API_CONFIG, API_LOGGER, API_METRICS, API_REGISTRY } from './tokens.js';
import { NOTICE_CONTROLLERS, NOTICE_DESKS } from './webhooks/notice-parts.js';

export interface ApiParts {
  readonly config: ApiConfig;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly registry: Registry;
  readonly metrics: HttpMetrics;
  readonly database: TenantDatabase;
  readonly temporal: AdmissionClient;
  readonly routes: RouteBook;
}

/** By what they serve; the order is that of the documents. */
const CONTROLLERS = [
  JobsController,
  JobControlController,
  JobEventsController,
  ArtefactsController,
  FilesController,
  JobReadsController,
  ReportedJobsController,
  QuotesController,
  PurchasesController,
  AutoTopUpController,
  StripeEventsController,
  SupportPurchasesController,
  StaffReversalsController,
  ...COMPENSATION_CONTROLLERS,
  CustomPlansController,
  StaffCustomPlansController,
  CatalogueController,
  PlansController,
  AccountController,
  SubscriptionController,
  GrantsController,
  EarningRulesController,
  StaffGrantsController,
  ...REVIEW_CONTROLLERS,
  UsageController,
  SalesController,
  AuditController,
  ...NOTICE_CONTROLLERS,
  LimitsController,
  FundingController,
  CampaignsController,
  ThreadsController,
  ...STAFF_ACCOUNT_CONTROLLERS,
  TipsController,
  VisitorsController,
  VisitorMeController,
  MyPlanController,
  ApiKeysController,
  BotsController,
  GuidesController,
  PanelsController,
  PacksController,
  BotOffersController,
  PublicBotsController,
  TransfersController,
  AuthController,
  MeController,
  MembersController,
  InvitationsController,
  AccountSettingsController,
  OperationsController,
  StaffAuditController,
  HealthController,
  ProblemsController,
  TipsPageController,
];

/** Who reads, decides and asks behind them. */
const DESKS = [
  AccountChanges,
  AccountDesk,
  AccountReader,
  Admission,
  Alerts,
  ApiKeys,
  ArtefactReader,
  AuditReader,
  AutoTopUpDesk,
  BotDesk,
  BotOffersDesk,
  Callers,
  CampaignDesk,
  CatalogueReader,
  Changes,
  ...COMPENSATION_DESKS,
  CreditHints,
  DriftDesk,
  EconomicsReader,
  EventReply,
  Erasures,
  EventWake,
  FileReader,
  GrantDesk,
  GrantReader,
  GuideDesk,
  IdentityTokens,
  JobControl,
  JobReader,
  KeyDesk,
  LimitsDesk,
  KeyJobs,
  KeyUses,
  MemberDesk,
  MyPlanDesk,
  ...NOTICE_DESKS,
  OwnerRefusals,
  PackDesk,
  People,
  PersonErasure,
  ProblemsFilter,
  PurchaseDesk,
  PurchaseHints,
  QualityReader,
  QuoteDesk,
  ReadinessCheck,
  ReportedDesk,
  ...REVIEW_DESKS,
  SalesReader,
  SignIn,
  ...STAFF_ACCOUNT_DESKS,
  Rates,
  SubscriptionCalls,
  SubscriptionDesk,
  SubscriptionEndings,
  SubscriptionOpenings,
  SubscriptionReader,
  SupportDesk,
  Reversals,
  ReversalDesk,
  CustomPlanDesk,
  CustomPlanStart,
  StaffCustomPlanDesk,
  TermsDesk,
  ThreadReader,
  TipReader,
  TransferDesk,
  UsageReader,
  UsageUnits,
  VisitorDesk,
  VisitorErasure,
  VisitorRates,
  VisitorRefusals,
  VisitorTokens,
  ZoneDesk,
];
@Module({})
export class ApiModule {
  static of(parts: ApiParts): DynamicModule {
    return {
      module: ApiModule,
      controllers: [...CONTROLLERS],
      providers: [
        { provide: API_CONFIG, useValue: parts.config },
        { provide: API_LOGGER, useValue: parts.logger },
        { provide: API_CLOCK, useValue: parts.clock },
        { provide: API_REGISTRY, useValue: parts.registry },
        { provide: API_METRICS, useValue: parts.metrics },
        { provide: TenantDatabase, useValue: parts.database },
        { provide: AdmissionClient, useValue: parts.temporal },
        { provide: RouteBook, useValue: parts.routes },
        ...DESKS,
      ],
    };
  }
}
