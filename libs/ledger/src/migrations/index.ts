// Ledger room. Its migrations, in order: an explicit list, so that nothing runs because a file lies about.
import type { MigrationClass } from '@fairmeter/platform/database';
import { Ledger1763700000001 } from './0001-ledger.js';
import { EntriesInAndOut1763700000004 } from './0002-entries-in-and-out.js';
import { LimitsAndRefunds1763700000005 } from './0003-limits-and-refunds.js';
import { TermsAndDays1763700000006 } from './0004-terms-and-days.js';
import { ProvenReferences1763700000007 } from './0005-proven-references.js';
import { StepsOfAnAgent1763700000011 } from './0006-steps-of-an-agent.js';
import { JobLimits1763700000012 } from './0007-job-limits.js';
import { Pauses1763700000013 } from './0008-pauses.js';
import { LoopsOfThreads1763700000019 } from './0009-loops-of-threads.js';
import { JobsOfABot1763700000024 } from './0010-jobs-of-a-bot.js';
import { Payers1763700000029 } from './0011-payers.js';
import { SlotsOfVisitors1763700000037 } from './0014-slots-of-visitors.js';
import { TestJobs1763700000041 } from './0016-test-jobs.js';
import { PeriodsLots1763700000045 } from './0017-periods-lots.js';
import { LotsByEnd1763700000058 } from './0020-lots-by-end.js';
import { LikeTasks1763700000071 } from './0025-like-tasks.js';
import { StepsByStart1763700000062 } from './0021-steps-by-start.js';
import { ScopesOfAccounts1763700000065 } from './0022-scopes-of-accounts.js';
import { WhatIsCompared1763700000067 } from './0023-what-is-compared.js';
import { WhatLapsedOfALot1763700000070 } from './0024-what-lapsed-of-a-lot.js';
import { LoopsByTime1763700000075 } from './0026-loops-by-time.js';
import { NothingIsEmptied1763700000078 } from './0027-nothing-is-emptied.js';
import { WhatIsChangedIsThere1763700000086 } from './0028-what-is-changed-is-there.js';

export const ledgerMigrations: readonly MigrationClass[] = [
  Ledger1763700000001,
  EntriesInAndOut1763700000004,
  LimitsAndRefunds1763700000005,
  TermsAndDays1763700000006,
  ProvenReferences1763700000007,
  StepsOfAnAgent1763700000011,
  JobLimits1763700000012,
  Pauses1763700000013,
  LoopsOfThreads1763700000019,
  JobsOfABot1763700000024,
  Payers1763700000029,
  SlotsOfVisitors1763700000037,
  TestJobs1763700000041,
  PeriodsLots1763700000045,
  LotsByEnd1763700000058,
  StepsByStart1763700000062,
  ScopesOfAccounts1763700000065,
  WhatIsCompared1763700000067,
  WhatLapsedOfALot1763700000070,
  LikeTasks1763700000071,
  LoopsByTime1763700000075,
  NothingIsEmptied1763700000078,
  WhatIsChangedIsThere1763700000086,
];
