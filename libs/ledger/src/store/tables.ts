// Ledger room. Which field goes into which column when a post is written: one list per table, from which the one
// writing statement is made. Rows travel as arrays, a column each, so one statement writes any number of them.
import type { Counter, DailyTerms, Entry, Hold, HoldCounter, LedgerEvent, LimitChange, Lot } from '@fairmeter/domain';
import type { Cell } from './array-literal.js';
import type { StoredBody } from './hash.js';

export interface Owned<T> {
  readonly row: T;
  readonly scopeId: string;
  readonly accountId: string;
  readonly at: string;
  /** The number given to an entry, an event or a limit inside its scope. */
  readonly seq: bigint;
  readonly operationKey: string;
}

export interface Column<T> {
  readonly name: string;
  readonly type: string;
  readonly cell: (owned: Owned<T>) => Cell;
}

export interface Table<T> {
  readonly name: string;
  readonly columns: readonly Column<T>[];
  /** What follows the insert: nothing where rows are only appended, and where it is known which of them are there. */
  readonly onConflict: string;
  /** By which columns a row that is there is found, and those that may change. */
  readonly keys: readonly Column<T>[];
  readonly changing: readonly Column<T>[];
}

export function table<T>(
  name: string,
  columns: Column<T>[],
  key?: { on: string; update: readonly string[]; isKnown?: boolean },
): Table<T> {
  if (key === undefined) return { name, columns, onConflict: '', keys: [], changing: [] };
  const changes = key.update.map((column) => `${column} = excluded.${column}`).join(', ');
  const keys = key.on.split(', ');
  return {
    name,
    columns,
    onConflict: key.isKnown === true ? '' : `ON CONFLICT (${key.on}) DO UPDATE SET ${changes}`,
    keys: keys.map((each) => columnNamed(columns, each)),
    changing: key.update.map((each) => columnNamed(columns, each)),
  };
}

/** A name that is none would be a change that is never written. */
function columnNamed<T>(columns: readonly Column<T>[], name: string): Column<T> {
  const found = columns.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no column is called ${name}`);
  return found;
}

export const column = <T>(name: string, type: string, cell: (row: T, owned: Owned<T>) => Cell): Column<T> => ({
  name,
  type,
  cell: (owned) => cell(owned.row, owned),
});

/** The rows of a group share a few instants; making the text of one is dearer than finding it. */
const texts = new Map<number, string>();
const TEXTS_KEPT = 1_000;

export function moment(at: number | null): string | null {
  if (at === null) return null;
  const known = texts.get(at);
  if (known !== undefined) return known;
  if (texts.size >= TEXTS_KEPT) texts.clear();
  const text = new Date(at).toISOString();
  texts.set(at, text);
  return text;
}

export const scopeId = <T>(): Column<T> => column('scope_id', 'text', (_, owned) => owned.scopeId);
export const accountId = <T>(): Column<T> => column('account_id', 'text', (_, owned) => owned.accountId);
const scopeSeq = <T>(): Column<T> => column('scope_seq', 'bigint', (_, owned) => owned.seq.toString());
const effectiveAt = <T>(): Column<T> => column('effective_at', 'timestamptz', (_, owned) => owned.at);

export interface OperationWritten {
  readonly key: string;
  readonly verb: string;
  readonly bodyHash: string;
  readonly body: StoredBody;
  readonly result: object;
}

export const OPERATIONS = table<OperationWritten>('operations', [
  column('key', 'text', (row) => row.key),
  scopeId(),
  accountId(),
  column('verb', 'text', (row) => row.verb),
  column('body_hash', 'text', (row) => row.bodyHash),
  column('body', 'jsonb', (row) => JSON.stringify(row.body)),
  column('result', 'jsonb', (row) => JSON.stringify(row.result)),
  effectiveAt(),
]);

export const LOTS = table<Lot>(
  'lots',
  [
    column('id', 'text', (lot) => lot.id),
    scopeId(),
    accountId(),
    column('kind', 'text', (lot) => lot.kind),
    column('granted', 'bigint', (lot) => lot.granted.toString()),
    column('open', 'bigint', (lot) => lot.open.toString()),
    column('held', 'bigint', (lot) => lot.held.toString()),
    column('valid_from', 'timestamptz', (lot) => moment(lot.validFrom)),
    column('expires_at', 'timestamptz', (lot) => moment(lot.expiresAt)),
    column('source_ref', 'text', (lot) => lot.sourceRef),
    column('opened_seq', 'bigint', (lot) => lot.openedSeq.toString()),
    column('clawed_back', 'boolean', (lot) => lot.clawedBack),
    column('lapsed', 'bigint', (lot) => lot.lapsed.toString()),
    column('granted_until', 'timestamptz', (lot) => moment(lot.grantedUntil)),
    column('period_start', 'timestamptz', (lot) => moment(lot.periodStart)),
    column('alive', 'boolean', (lot) => lot.open > 0n || lot.held > 0n),
  ],
  { on: 'id', update: ['granted', 'open', 'held', 'expires_at', 'clawed_back', 'lapsed', 'granted_until', 'alive'] },
);

export const HOLDS = table<Hold>(
  'holds',
  [
    column('id', 'text', (hold) => hold.id),
    scopeId(),
    accountId(),
    column('job_id', 'text', (hold) => hold.jobId),
    column('state', 'text', (hold) => hold.state),
    column('funding', 'text', (hold) => hold.payer.funding),
    column('public_may_use_bonus', 'boolean', (hold) => hold.payer.publicMayUseBonus),
    column('limit_refs', 'jsonb', (hold) => JSON.stringify(hold.limitRefs)),
  ],
  { on: 'id', update: ['state'], isKnown: true },
);

export interface HoldLineWritten {
  readonly holdId: string;
  readonly line: Hold['lines'][number];
}

export const HOLD_LINES = table<HoldLineWritten>(
  'hold_lines',
  [
    column('hold_id', 'text', (row) => row.holdId),
    column('line_no', 'integer', (row) => row.line.lineNo),
    accountId(),
    column('lot_id', 'text', (row) => row.line.lotId),
    column('held', 'bigint', (row) => row.line.held.toString()),
    column('captured', 'bigint', (row) => row.line.captured.toString()),
    column('reversed', 'bigint', (row) => row.line.reversed.toString()),
  ],
  { on: 'hold_id, line_no', update: ['held', 'captured', 'reversed'], isKnown: true },
);

export const COUNTERS = table<Counter>(
  'counters',
  [
    column('id', 'text', (counter) => counter.id),
    scopeId(),
    accountId(),
    column('kind', 'text', (counter) => counter.kind),
    column('subject', 'text', (counter) => counter.subject),
    column('period', 'text', (counter) => counter.period),
    column('period_start', 'timestamptz', (counter) => moment(counter.periodStart)),
    column('used', 'bigint', (counter) => counter.used.toString()),
    column('held', 'bigint', (counter) => counter.held.toString()),
  ],
  { on: 'id', update: ['used', 'held'] },
);

export interface HoldCounterWritten {
  readonly holdId: string;
  readonly part: HoldCounter;
}

export const HOLD_COUNTERS = table<HoldCounterWritten>(
  'hold_counters',
  [
    column('hold_id', 'text', (row) => row.holdId),
    column('counter_id', 'text', (row) => row.part.counterId),
    accountId(),
    column('held', 'bigint', (row) => row.part.held.toString()),
    column('used', 'bigint', (row) => row.part.used.toString()),
  ],
  { on: 'hold_id, counter_id', update: ['held', 'used'], isKnown: true },
);

export const ENTRIES = table<Entry>('entries', [
  scopeId(),
  scopeSeq(),
  accountId(),
  column('operation_key', 'text', (_, owned) => owned.operationKey),
  column('from_account', 'text', (entry) => entry.from),
  column('to_account', 'text', (entry) => entry.to),
  column('amount', 'bigint', (entry) => entry.amount.toString()),
  column('lot_id', 'text', (entry) => entry.lotId),
  column('lot_open_after', 'bigint', (entry) => entry.lotOpenAfter?.toString() ?? null),
  column('lot_held_after', 'bigint', (entry) => entry.lotHeldAfter?.toString() ?? null),
  column('job_id', 'text', (entry) => entry.jobId),
  column('step_ordinal', 'integer', (entry) => entry.stepOrdinal),
  effectiveAt(),
]);

export const TERMS = table<DailyTerms>('terms', [
  scopeId(),
  column('number', 'integer', (terms) => terms.number),
  accountId(),
  column('effective_at', 'timestamptz', (terms) => moment(terms.effectiveAt)),
  column('zone', 'text', (terms) => terms.zone),
  column('daily_allowance', 'bigint', (terms) => terms.dailyAllowance.toString()),
  column('reset_not_before', 'timestamptz', (terms) => moment(terms.resetNotBefore)),
  column('next_reset_at', 'timestamptz', (terms) => moment(terms.nextResetAt)),
  column('operation_key', 'text', (_, owned) => owned.operationKey),
]);

export const LIMITS = table<LimitChange>('limits', [
  scopeId(),
  column('number', 'integer', (_, owned) => owned.seq.toString()),
  accountId(),
  column('kind', 'text', (limit) => limit.kind),
  column('subject', 'text', (limit) => limit.subject),
  column('period', 'text', (limit) => limit.period),
  column('amount', 'bigint', (limit) => limit.amount?.toString() ?? null),
  effectiveAt(),
  column('operation_key', 'text', (_, owned) => owned.operationKey),
]);

export const OUTBOX = table<LedgerEvent>('outbox', [
  scopeId(),
  scopeSeq(),
  accountId(),
  column('job_id', 'text', (event) => event.job_id),
  column('type', 'text', (event) => event.type),
  column('payload', 'jsonb', (event) => JSON.stringify(event)),
  effectiveAt(),
]);
