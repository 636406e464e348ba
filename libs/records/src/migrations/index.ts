// Records room. Its migrations, in order.
import type { MigrationClass } from '@fairmeter/platform/database';
import { Records1763700000002 } from './0001-records.js';
import { AccountKeys1763700000003 } from './0002-account-keys.js';
import { PricesAndQuotes1763700000009 } from './0003-prices-and-quotes.js';
import { Workspaces1763700000010 } from './0004-workspaces.js';
import { PlanLimits1763700000014 } from './0005-plan-limits.js';
import { Programs1763700000016 } from './0006-programs.js';
import { ListedFiles1763700000017 } from './0007-listed-files.js';
import { Incidents1763700000018 } from './0008-incidents.js';
import { WhatAQuoteIsOf1763700000020 } from './0009-what-a-quote-is-of.js';
import { ReadableFiles1763700000022 } from './0010-readable-files.js';
import { KeptAnswers1763700000023 } from './0011-kept-answers.js';
import { Audit1763700000025 } from './0012-audit.js';
import { People1763700000026 } from './0013-people.js';
import { BotsAndKeys1763700000027 } from './0014-bots-and-keys.js';
import { Payers1763700000028 } from './0015-payers.js';
import { Visitors1763700000030 } from './0016-visitors.js';
import { Purchases1763700000031 } from './0017-purchases.js';
import { PacksForVisitors1763700000032 } from './0018-packs-for-visitors.js';
import { Moves1763700000034 } from './0020-moves.js';
import { ForgottenPeople1763700000035 } from './0021-forgotten-people.js';
import { ClaimsAndLimitSubjects1763700000036 } from './0022-claims-and-limit-subjects.js';
import { VisitorsCountedOnce1763700000038 } from './0024-visitors-counted-once.js';
import { WallsOfVisitors1763700000039 } from './0025-walls-of-visitors.js';
import { KeyEnvironments1763700000040 } from './0026-key-environments.js';
import { PlanVersions1763700000042 } from './0028-plan-versions.js';
import { Grants1763700000044 } from './0030-grants.js';
import { Subscriptions1763700000047 } from './0031-subscriptions.js';
import { AwaitedSubscriptions1763700000048 } from './0032-awaited-subscriptions.js';
import { NothingLeftOfPeople1763700000049 } from './0033-nothing-left-of-people.js';
import { SubscriptionPayments1763700000050 } from './0034-subscription-payments.js';
import { WhatACredentialHangsOn1763700000052 } from './0036-what-a-credential-hangs-on.js';
import { PurchaseReversals1763700000053 } from './0037-purchase-reversals.js';
import { AutoTopUps1763700000054 } from './0038-auto-top-ups.js';
import { SalesAndPlansOfBots1763700000056 } from './0039-sales-and-plans-of-bots.js';
import { CustomPlans1763700000057 } from './0040-custom-plans.js';
import { PlansOfVisitorsMove1763700000059 } from './0041-plans-of-visitors-move.js';
import { DroppedPayments1763700000060 } from './0042-dropped-payments.js';
import { Compensations1763700000061 } from './0043-compensations.js';
import { Reviews1763700000063 } from './0044-reviews.js';
import { Announcements1763700000064 } from './0045-announcements.js';
import { Drift1763700000066 } from './0046-drift.js';
import { DecidedSubscriptions1763700000068 } from './0047-decided-subscriptions.js';
import { WhatPaymentsAreFor1763700000069 } from './0048-what-payments-are-for.js';
import { KeysNotedInOrder1763700000072 } from './0049-keys-noted-in-order.js';
import { AnswersByMail1763700000073 } from './0050-answers-by-mail.js';
import { LoopReclassifications1763700000074 } from './0051-loop-reclassifications.js';
import { AuditForStaff1763700000076 } from './0052-audit-for-staff.js';
import { RefundsAndReviewsAfterMoves1763700000077 } from './0053-refunds-and-reviews-after-moves.js';
import { RatesOfAnyTime1763700000079 } from './0054-rates-of-any-time.js';
import { AskedForWhileAway1763700000081 } from './0056-asked-for-while-away.js';
import { SaidOfLoops1763700000082 } from './0057-said-of-loops.js';
import { AskedForAgain1763700000083 } from './0058-asked-for-again.js';
import { RestoredToEach1763700000085 } from './0060-restored-to-each.js';
import { WordsOnCustomPlans1763700000089 } from './0063-words-on-custom-plans.js';
import { PreviewsBeginToo1763700000090 } from './0064-previews-begin-too.js';
import { SinceWhenResetsAreAskedFor1763700000092 } from './0066-since-when-resets-are-asked-for.js';

export const recordsMigrations: readonly MigrationClass[] = [
  Records1763700000002,
  AccountKeys1763700000003,
  PricesAndQuotes1763700000009,
  Workspaces1763700000010,
  PlanLimits1763700000014,
  Programs1763700000016,
  ListedFiles1763700000017,
  Incidents1763700000018,
  WhatAQuoteIsOf1763700000020,
  ReadableFiles1763700000022,
  KeptAnswers1763700000023,
  Audit1763700000025,
  People1763700000026,
  BotsAndKeys1763700000027,
  Payers1763700000028,
  Visitors1763700000030,
  Purchases1763700000031,
  PacksForVisitors1763700000032,
  Moves1763700000034,
  ForgottenPeople1763700000035,
  ClaimsAndLimitSubjects1763700000036,
  VisitorsCountedOnce1763700000038,
  WallsOfVisitors1763700000039,
  KeyEnvironments1763700000040,
  PlanVersions1763700000042,
  Grants1763700000044,
  Subscriptions1763700000047,
  AwaitedSubscriptions1763700000048,
  NothingLeftOfPeople1763700000049,
  SubscriptionPayments1763700000050,
  WhatACredentialHangsOn1763700000052,
  PurchaseReversals1763700000053,
  AutoTopUps1763700000054,
  SalesAndPlansOfBots1763700000056,
  CustomPlans1763700000057,
  PlansOfVisitorsMove1763700000059,
  DroppedPayments1763700000060,
  Compensations1763700000061,
  Reviews1763700000063,
  Announcements1763700000064,
  Drift1763700000066,
  DecidedSubscriptions1763700000068,
  WhatPaymentsAreFor1763700000069,
  KeysNotedInOrder1763700000072,
  AnswersByMail1763700000073,
  LoopReclassifications1763700000074,
  AuditForStaff1763700000076,
  RefundsAndReviewsAfterMoves1763700000077,
  RatesOfAnyTime1763700000079,
  AskedForWhileAway1763700000081,
  SaidOfLoops1763700000082,
  AskedForAgain1763700000083,
  RestoredToEach1763700000085,
  WordsOnCustomPlans1763700000089,
  PreviewsBeginToo1763700000090,
  SinceWhenResetsAreAskedFor1763700000092,
];
