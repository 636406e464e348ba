// Records room. Its migrations, in order.
import type { MigrationClass } from '@fairmeter/platform/database';
import { Records1763700000002 } from './0001-records.js';
import { AccountKeys1763700000003 } from './0002-account-keys.js';
import { PricesAndQuotes1763700000009 } from './0003-prices-and-quotes.js';
import { PlanLimits1763700000014 } from './0005-plan-limits.js';

export const recordsMigrations: readonly MigrationClass[] = [
  Records1763700000002,
  AccountKeys1763700000003,
  PricesAndQuotes1763700000009,
  PlanLimits1763700000014,
];
