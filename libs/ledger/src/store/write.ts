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
import type { Cell } from './array-literal.js';
import { arrayLiteral } from './array-literal.js';
import { NamedStatements } from './named-statements.js';
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
  /** Those of them that are new or have ended: in all others nothing but their lines and counters has moved. */
  readonly holdHeads: readonly Owned<Hold>[];
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
  /** Row by row, a value per column. */
  readonly cells: (written: Written) => Cell[];
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
    cells: (written) => rowsOf(written).flatMap((row) => table.columns.map((column) => column.cell(row))),
  };
}

const PARTS: readonly Part[] = [
  part(OPERATIONS, (written) => written.operations),
  part(TERMS, (written) => written.terms),
  part(LIMITS, (written) => written.limits),
  part(LOTS, (written) => written.lots),
  part(HOLDS, (written) => written.holdHeads),
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

/** What a group writes to a table: that many rows, or any number of them. */
interface Share {
  readonly part: Part;
  readonly index: number;
  readonly rows: number | 'any';
}

const SCOPE: readonly { readonly name: string; readonly type: string }[] = [
  { name: 'id', type: 'text' },
  { name: 'entry_seq', type: 'bigint' },
  { name: 'outbox_seq', type: 'bigint' },
  { name: 'last_effective_at', type: 'timestamptz' },
  { name: 'debt', type: 'bigint' },
  { name: 'terms_rows', type: 'integer' },
  { name: 'limit_rows', type: 'integer' },
  { name: 'day_opened', type: 'timestamptz' },
  { name: 'open_jobs', type: 'integer' },
  { name: 'visitor_jobs', type: 'integer' },
];

const cellsOfScope = (scope: ScopeWritten): Cell[] => [
  scope.scopeId,
  scope.entrySeq.toString(),
  scope.outboxSeq.toString(),
  moment(scope.lastEffectiveAt),
  scope.debt.toString(),
  scope.termsRows,
  scope.limitRows,
  moment(scope.dayOpened),
  scope.openJobs,
  scope.visitorJobs,
];

/** What is written together is of few kinds: one statement for each, always the same text, so that its plan is kept. */
const statements = new NamedStatements('ledger-write');

function statementFor(shares: readonly Share[], isLone: boolean): Statement {
  const kind = shares.map(({ index, rows }) => (rows === 'any' ? index : `${index}.${rows}`)).join('-');
  return statements.of(kind, () => textFor(shares, isLone));
}

function textFor(shares: readonly Share[], isLone: boolean): string {
  let parameter = SCOPE.length;
  const next = ({ type }: { readonly type: string }, array = ''): string => `$${++parameter}::${type}${array}`;
  const inserts = shares.map(({ part: { name, columns, onConflict }, index, rows }) => {
    const names = columns.map((column) => column.name).join(', ');
    const given = (array = ''): string => columns.map((column) => next(column, array)).join(', ');
    const from =
      rows === 'any'
        ? `SELECT * FROM unnest(${given('[]')})`
        : `VALUES ${Array.from({ length: rows }, () => `(${given()})`).join(', ')}`;
    return `w${index} AS (INSERT INTO ledger.${name} (${names}) ${from} ${onConflict})`;
  });
  return `WITH ${[isLone ? LONE_SCOPE : SCOPES, ...inserts].join(',\n')}
  SELECT pg_notify('${OUTBOX_CHANNEL}', id) FROM ${isLone ? '(VALUES ($1::text)) s (id)' : 'unnest($1::text[]) id'}`;
}

const CHANGED = SCOPE.slice(1);
const SCOPES = `scope AS (UPDATE ledger.scopes s SET ${CHANGED.map(({ name }) => `${name} = u.${name}`).join(', ')}
  FROM unnest(${SCOPE.map(({ type }, index) => `$${index + 1}::${type}[]`).join(', ')})
    u (${SCOPE.map(({ name }) => name).join(', ')})
  WHERE s.id = u.id)`;
const LONE_SCOPE = `scope AS (UPDATE ledger.scopes SET
    ${CHANGED.map(({ name, type }, index) => `${name} = $${index + 2}::${type}`).join(', ')}
  WHERE id = $1::text)`;

/** Of one post a table gets this many rows at most where they are named one by one. */
const NAMED_ROWS = 4;

/** A large group's columns are long texts: they are made in turns. */
export async function writeStatement(written: Written): Promise<Statement> {
  const { scopes, operations } = written;
  const counts = PARTS.map((part) => part.rows(written).length);
  // Arrays carry any number of rows in one statement; for the few rows of a lone post they cost more than the rows.
  const [lone] = scopes.length === 1 && operations.length === 1 ? scopes : [];
  const isLone = lone !== undefined && counts.every((count) => count <= NAMED_ROWS);
  const shares = PARTS.flatMap((part, index): Share[] => {
    const count = counts[index] ?? 0;
    return count === 0 ? [] : [{ part, index, rows: isLone ? count : 'any' }];
  });
  const statement = statementFor(shares, isLone);
  if (isLone) {
    return { ...statement, values: [...cellsOfScope(lone), ...shares.flatMap(({ part }) => part.cells(written))] };
  }
  const values = columnsOf(scopes);
  const turns = new Turns();
  for (const { part } of shares) {
    if (turns.isOver) await turns.giveWay();
    values.push(...part.arrays(written));
  }
  return { ...statement, values };
}

function columnsOf(scopes: readonly ScopeWritten[]): string[] {
  const rows = scopes.map(cellsOfScope);
  return SCOPE.map((_, index) => arrayLiteral(rows.map((row) => row[index] ?? null)));
}
