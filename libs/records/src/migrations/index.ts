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
import { Payers1763700000028 } from './0015-payers.js';
import { Purchases1763700000031 } from './0017-purchases.js';

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
  Payers1763700000028,
  Purchases1763700000031,
];
