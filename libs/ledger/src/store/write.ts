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
import type { Put, Puts } from './put.js';
import type { LockedScope } from './scope-rows.js';
import type { Column, OperationWritten, Owned, Table } from './tables.js';
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
  readonly counters: readonly Owned<Counter>[];
  readonly entries: readonly Owned<Entry>[];
  readonly jobs: readonly Owned<JobFacts>[];
  readonly steps: readonly Owned<StepFacts>[];
  readonly attempts: readonly Owned<AttemptFacts>[];
  readonly findings: readonly Owned<LoopFindingFacts>[];
  readonly events: readonly Owned<LedgerEvent>[];
  /** Lots, holds, counters, jobs and steps once more, by what becomes of their rows. */
  readonly put: Puts;
}

type Named = Pick<Column<unknown>, 'name' | 'type'>;

interface Part {
  readonly columns: readonly Named[];
  /** The statement without what it takes its rows from: arrays, or rows one by one. */
  readonly text: (from: { readonly arrays: string } | { readonly rows: string }) => string;
  /** Rows that must be there: that many are changed, or nothing is. */
  readonly mustFind: boolean;
  /** One array per column. */
  readonly arrays: (written: Written) => string[];
  /** Row by row, a value per column. */
  readonly cells: (written: Written) => Cell[];
  readonly rows: (written: Written) => readonly unknown[];
}

type RowsOf<T> = (written: Written) => readonly Owned<T>[];

function travelling<T>(
  columns: readonly Column<T>[],
  rowsOf: RowsOf<T>,
): Pick<Part, 'columns' | 'rows' | 'arrays' | 'cells'> {
  return {
    columns,
    rows: rowsOf,
    arrays: (written) => {
      const rows = rowsOf(written);
      return columns.map((column) => arrayLiteral(rows.map(column.cell)));
    },
    cells: (written) => rowsOf(written).flatMap((row) => columns.map((column) => column.cell(row))),
  };
}

function adding<T>({ name, columns, onConflict }: Table<T>, rowsOf: RowsOf<T>): Part {
  return {
    ...travelling(columns, rowsOf),
    mustFind: false,
    text: (from) => {
      const source = 'arrays' in from ? `SELECT * FROM unnest(${from.arrays})` : `VALUES ${from.rows}`;
      return `INSERT INTO ledger.${name} (${namesOf(columns)}) ${source} ${onConflict}`;
    },
  };
}

function changing<T>(table: Table<T>, rowsOf: RowsOf<T>): Part {
  const columns = [...table.keys, ...table.changing];
  const sets = table.changing.map(({ name }) => `${name} = u.${name}`).join(', ');
  const found = table.keys.map(({ name }) => `t.${name} = u.${name}`).join(' AND ');
  return {
    ...travelling(columns, rowsOf),
    mustFind: true,
    text: (from) => {
      const source = 'arrays' in from ? `unnest(${from.arrays})` : `(VALUES ${from.rows})`;
      const given = `${source} u (${namesOf(columns)})`;
      return `UPDATE ledger.${table.name} t SET ${sets} FROM ${given} WHERE ${found} RETURNING 1`;
    },
  };
}

function namesOf(columns: readonly Named[]): string {
  return columns.map(({ name }) => name).join(', ');
}

function putting<T>(table: Table<T>, putOf: (put: Puts) => Put<T>): readonly Part[] {
  return [adding(table, ({ put }) => putOf(put).added), changing(table, ({ put }) => putOf(put).changed)];
}

const PARTS: readonly Part[] = [
  adding(OPERATIONS, (written) => written.operations),
  adding(TERMS, (written) => written.terms),
  adding(LIMITS, (written) => written.limits),
  ...putting(LOTS, (put) => put.lots),
  ...putting(HOLDS, (put) => put.holds),
  ...putting(HOLD_LINES, (put) => put.holdLines),
  ...putting(COUNTERS, (put) => put.counters),
  ...putting(HOLD_COUNTERS, (put) => put.holdCounters),
  adding(ENTRIES, (written) => written.entries),
  ...putting(JOBS, (put) => put.jobs),
  ...putting(STEPS, (put) => put.steps),
  // Not by what was there: the order in which an attempt is closed and its successor opened is that of one insert.
  adding(ATTEMPTS, (written) => written.attempts),
  adding(LOOP_FINDINGS, (written) => written.findings),
  adding(OUTBOX, (written) => written.events),
];

/** What a group writes by one of them: that many rows, or any number. */
interface Share {
  readonly part: Part;
  readonly index: number;
  readonly rows: number | 'any';
}

const SCOPE: readonly Named[] = [
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
  const next = ({ type }: Named, array = ''): string => `$${++parameter}::${type}${array}`;
  const missing: string[] = [];
  const parts = shares.map(({ part: { columns, text, mustFind }, index, rows }) => {
    const first = `$${parameter + 1}::text[]`;
    if (mustFind) missing.push(`${rows === 'any' ? `cardinality(${first})` : rows} - (SELECT count(*) FROM w${index})`);
    const given = (array = ''): string => columns.map((column) => next(column, array)).join(', ');
    const from =
      rows === 'any'
        ? { arrays: given('[]') }
        : { rows: Array.from({ length: rows }, () => `(${given()})`).join(', ') };
    return `w${index} AS (${text(from)})`;
  });
  const refusing = missing.length === 0 ? '' : `, ledger.refuse_missing(${missing.join(' + ')})`;
  return `WITH ${[isLone ? LONE_SCOPE : SCOPES, ...parts].join(',\n')}
  SELECT pg_notify('${OUTBOX_CHANNEL}', id)${refusing}
  FROM ${isLone ? '(VALUES ($1::text)) s (id)' : 'unnest($1::text[]) id'}`;
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
