// Ledger room. Its entities as an explicit list.
import { AttemptRow } from './attempt.row.js';
import { CounterRow } from './counter.row.js';
import { EntryRow } from './entry.row.js';
import { HoldCounterRow, HoldLineRow, HoldRow } from './hold.row.js';
import { JobRow } from './job.row.js';
import { LimitRow } from './limit.row.js';
import { LotRow } from './lot.row.js';
import { LoopFindingRow } from './loop-finding.row.js';
import { OperationRow } from './operation.row.js';
import { OutboxRow } from './outbox.row.js';
import { ScopeRow } from './scope.row.js';
import { StepRow } from './step.row.js';
import { TermsRow } from './terms.row.js';

export const ledgerEntities = [
  AttemptRow,
  CounterRow,
  EntryRow,
  HoldCounterRow,
  HoldLineRow,
  HoldRow,
  JobRow,
  LimitRow,
  LoopFindingRow,
  LotRow,
  OperationRow,
  OutboxRow,
  ScopeRow,
  StepRow,
  TermsRow,
];
