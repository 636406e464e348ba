// API room. What the process is made of. The world comes in through `ApiParts`, opened before and closed after.
import type { ApiConfig, Clock, HttpMetrics, Logger, Registry } from '@fairmeter/platform';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { AccountController } from './account/account.controller.js';
import { AccountReader } from './account/account-reader.js';
import { ArtefactReader } from './artefacts/artefact-reader.js';
import { ArtefactsController } from './artefacts/artefacts.controller.js';
import { FileReader } from './artefacts/file-reader.js';
import { FilesController } from './artefacts/files.controller.js';
import { AuditController } from './audit/audit.controller.js';
import { AuditReader } from './audit/audit-reader.js';
import { CampaignDesk } from './campaigns/campaign-desk.js';
import { CampaignsController } from './campaigns/campaigns.controller.js';
import { CatalogueController } from './catalogue/catalogue.controller.js';
import { CatalogueReader } from './catalogue/catalogue-reader.js';
import { EventReply } from './events/event-reply.js';
import { EventWake } from './events/event-wake.js';
import { JobEventsController } from './events/job-events.controller.js';
import { HealthController } from './health/health.controller.js';
import { ReadinessCheck } from './health/readiness.js';
import { JobControl } from './job-control/job-control.js';
import { JobControlController } from './job-control/job-control.controller.js';
import { AdmissionClient } from './jobs/admission-client.js';
import { Admission } from './jobs/admission.js';
import { JobReader } from './jobs/job-reader.js';
import { JobReadsController } from './jobs/job-reads.controller.js';
import { JobsController } from './jobs/jobs.controller.js';
import { ApiKeysController } from './api-keys/api-keys.controller.js';
import { KeyDesk } from './api-keys/key-desk.js';
import { KeyJobs } from './api-keys/key-jobs.js';
import { BotDesk } from './bots/bot-desk.js';
import { BotsController } from './bots/bots.controller.js';
import { GuideDesk } from './bots/guide-desk.js';
import { GuidesController } from './bots/guides.controller.js';
import { PacksController } from './bots/packs.controller.js';
import { PublicBotsController } from './bots/public-bots.controller.js';
import { TransferDesk } from './bots/transfer-desk.js';
import { TransfersController } from './bots/transfers.controller.js';
import { ApiKeys } from './callers/api-keys.js';
import { Callers } from './callers/callers.js';
import { FundingController } from './limits/funding.controller.js';
import { LimitsController } from './limits/limits.controller.js';
import { TermsDesk } from './limits/terms-desk.js';
import { VisitorTokens } from './callers/visitor-tokens.js';
import { KeyUses } from './callers/key-uses.js';
import { Changes } from './changes/changes.js';
import { People } from './callers/people.js';
import { AuthController } from './auth/auth.controller.js';
import { IdentityTokens } from './auth/identity-tokens.js';
import { SignIn } from './auth/sign-in.js';
import { AccountChanges } from './people/account-changes.js';
import { AccountDesk } from './people/account-desk.js';
import { AccountSettingsController } from './people/account-settings.controller.js';
import { MeController } from './people/me.controller.js';
import { MemberDesk } from './people/member-desk.js';
import { InvitationsController, MembersController } from './people/members.controller.js';
import { EconomicsReader } from './panels/economics-reader.js';
import { PanelsController } from './panels/panels.controller.js';
import { QualityReader } from './panels/quality-reader.js';
import { ProblemsController } from './problems/problems.controller.js';
import { ProblemsFilter } from './problems/problems.filter.js';
import { RouteBook } from './problems/route-book.js';
import { PurchaseDesk } from './purchases/purchase-desk.js';
import { PurchasesController } from './purchases/purchases.controller.js';
import { StripeEventsController } from './purchases/stripe-events.controller.js';
import { QuoteDesk } from './quotes/quote-desk.js';
import { QuotesController } from './quotes/quotes.controller.js';
import { ReportedDesk } from './reported/reported-desk.js';
import { ReportedJobsController } from './reported/reported-jobs.controller.js';
import { TipsController } from './tips/tips.controller.js';
import { UsageController } from './usage/usage.controller.js';
import { UsageReader } from './usage/usage-reader.js';
import { VisitorMeController } from './visitors/me.controller.js';
import { UsageUnits } from './visitors/usage-units.js';
import { VisitorErasure } from './visitors/visitor-erasure.js';
import { VisitorDesk } from './visitors/visitor-desk.js';
import { VisitorRates } from './visitors/visitor-rates.js';
import { VisitorRefusals } from './visitors/visitor-refusals.js';
import { VisitorsController } from './visitors/visitors.controller.js';
import { API_CLOCK, API_CONFIG, API_LOGGER, API_METRICS, API_REGISTRY } from './tokens.js';

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
  StripeEventsController,
  CatalogueController,
  AccountController,
  UsageController,
  AuditController,
  LimitsController,
  FundingController,
  CampaignsController,
  TipsController,
  VisitorsController,
  VisitorMeController,
  ApiKeysController,
  BotsController,
  GuidesController,
  PanelsController,
  PacksController,
  PublicBotsController,
  TransfersController,
  AuthController,
  MeController,
  MembersController,
  InvitationsController,
  AccountSettingsController,
  HealthController,
  ProblemsController,
];

/** Who reads, decides and asks behind them. */
const DESKS = [
  AccountChanges,
  AccountDesk,
  AccountReader,
  Admission,
  ApiKeys,
  ArtefactReader,
  AuditReader,
  BotDesk,
  Callers,
  CampaignDesk,
  CatalogueReader,
  Changes,
  EconomicsReader,
  EventReply,
  EventWake,
  FileReader,
  GuideDesk,
  IdentityTokens,
  JobControl,
  JobReader,
  KeyDesk,
  KeyJobs,
  KeyUses,
  MemberDesk,
  People,
  ProblemsFilter,
  PurchaseDesk,
  QualityReader,
  QuoteDesk,
  ReadinessCheck,
  ReportedDesk,
  SignIn,
  TermsDesk,
  TransferDesk,
  UsageReader,
  UsageUnits,
  VisitorDesk,
  VisitorErasure,
  VisitorRates,
  VisitorRefusals,
  VisitorTokens,
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
