// Ledger room. The statement that writes what decisions came to, all tables that have rows at once, and wakes the
// listeners of the scope.
import type {
  AttemptFacts,
  Counter,
  DailyTerms,
  Entry,
  Hold,
  JobFacts,
  LedgerEvent,
  LimitChange,
  LoopFindingFacts,
  Lot,
  StepFacts,
} from '@fairmeter/domain';
import type { Statement } from '@fairmeter/platform/database';
import { arrayLiteral } from './array-literal.js';
import { OUTBOX_CHANNEL } from './outbox-channel.js';
import type { LockedScope } from './scope-rows.js';
import type { HoldCounterWritten, HoldLineWritten, OperationWritten, Owned, Table } from './tables.js';
import { ATTEMPTS, JOBS, LOOP_FINDINGS, STEPS } from './job-tables.js';
import {
  COUNTERS,
  ENTRIES,
  HOLD_COUNTERS,
  HOLD_LINES,
  HOLDS,
  LIMITS,
  LOTS,
  moment,
  OPERATIONS,
  OUTBOX,
  TERMS,
} from './tables.js';
import { Turns } from './turns.js';

/** As a group leaves it: the database says who wrote it. */
export type ScopeWritten = Omit<LockedScope, 'writer'>;

export interface Written {
  readonly scopes: readonly ScopeWritten[];
  readonly operations: readonly Owned<OperationWritten>[];
  readonly terms: readonly Owned<DailyTerms>[];
  readonly limits: readonly Owned<LimitChange>[];
  readonly lots: readonly Owned<Lot>[];
  readonly holds: readonly Owned<Hold>[];
  readonly holdLines: readonly Owned<HoldLineWritten>[];
  readonly counters: readonly Owned<Counter>[];
  readonly holdCounters: readonly Owned<HoldCounterWritten>[];
  readonly entries: readonly Owned<Entry>[];
  readonly jobs: readonly Owned<JobFacts>[];
  readonly steps: readonly Owned<StepFacts>[];
  readonly attempts: readonly Owned<AttemptFacts>[];
  readonly findings: readonly Owned<LoopFindingFacts>[];
  readonly events: readonly Owned<LedgerEvent>[];
}

interface Part {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly onConflict: string;
  /** One array per column. */
  readonly arrays: (written: Written) => string[];
  readonly rows: (written: Written) => readonly unknown[];
}

function part<T>(table: Table<T>, rowsOf: (written: Written) => readonly Owned<T>[]): Part {
  return {
    name: table.name,
    columns: table.columns,
    onConflict: table.onConflict,
    rows: rowsOf,
    arrays: (written) => {
      const rows = rowsOf(written);
      return table.columns.map((column) => arrayLiteral(rows.map(column.cell)));
    },
  };
}

const PARTS: readonly Part[] = [
  part(OPERATIONS, (written) => written.operations),
  part(TERMS, (written) => written.terms),
  part(LIMITS, (written) => written.limits),
  part(LOTS, (written) => written.lots),
  part(HOLDS, (written) => written.holds),
  part(HOLD_LINES, (written) => written.holdLines),
  part(COUNTERS, (written) => written.counters),
  part(HOLD_COUNTERS, (written) => written.holdCounters),
  part(ENTRIES, (written) => written.entries),
  part(JOBS, (written) => written.jobs),
  part(STEPS, (written) => written.steps),
  part(ATTEMPTS, (written) => written.attempts),
  part(LOOP_FINDINGS, (written) => written.findings),
  part(OUTBOX, (written) => written.events),
];

const SCOPE_PARAMETERS = 9;

/** What is written together is of few kinds: one statement for each, always the same text, so that its plan is kept. */
const statements = new Map<string, Statement>();

function statementFor(parts: readonly number[]): Statement {
  const name = `ledger-write-${parts.join('-')}`;
  const known = statements.get(name);
  if (known !== undefined) return known;
  const statement = { name, text: textFor(parts) };
  statements.set(name, statement);
  return statement;
}

function textFor(parts: readonly number[]): string {
  let parameter = SCOPE_PARAMETERS;
  const inserts = parts.flatMap((index) => {
    const table = PARTS[index];
    if (table === undefined) return [];
    const arrays = table.columns.map((column) => `$${++parameter}::${column.type}[]`);
    const names = table.columns.map((column) => column.name).join(', ');
    return `w${index} AS (INSERT INTO ledger.${table.name} (${names})
      SELECT * FROM unnest(${arrays.join(', ')}) ${table.onConflict})`;
  });
  const scope = `scope AS (UPDATE ledger.scopes s SET entry_seq = u.entry_seq, outbox_seq = u.outbox_seq,
      last_effective_at = u.at, debt = u.debt, terms_rows = u.terms_rows, limit_rows = u.limit_rows,
      day_opened = u.day_opened, open_jobs = u.open_jobs
    FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::timestamptz[], $5::bigint[], $6::integer[], $7::integer[],
      $8::timestamptz[], $9::integer[]) u (id, entry_seq, outbox_seq, at, debt, terms_rows, limit_rows, day_opened,
      open_jobs)
    WHERE s.id = u.id)`;
  return `WITH ${[scope, ...inserts].join(',\n')}
  SELECT pg_notify('${OUTBOX_CHANNEL}', id) FROM unnest($1::text[]) id`;
}

/** A large group's columns are long texts: they are made in turns. */
export async function writeStatement(written: Written): Promise<Statement> {
  const { scopes } = written;
  const values: unknown[] = [
    scopes.map((scope) => scope.scopeId),
    scopes.map((scope) => scope.entrySeq.toString()),
    scopes.map((scope) => scope.outboxSeq.toString()),
    scopes.map((scope) => new Date(scope.lastEffectiveAt).toISOString()),
    scopes.map((scope) => scope.debt.toString()),
    scopes.map((scope) => scope.termsRows),
    scopes.map((scope) => scope.limitRows),
    scopes.map((scope) => moment(scope.dayOpened)),
    scopes.map((scope) => scope.openJobs),
  ];
  const parts = [...PARTS.keys()].filter((index) => (PARTS[index]?.rows(written).length ?? 0) > 0);
  const turns = new Turns();
  for (const index of parts) {
    if (turns.isOver) await turns.giveWay();
    values.push(...(PARTS[index]?.arrays(written) ?? []));
  }
  return { ...statementFor(parts), values };
}
