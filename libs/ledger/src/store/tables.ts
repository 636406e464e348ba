// Ledger room. Which field goes into which column when a post is written: one list per table, from which the one
// writing statement is made. Rows travel as arrays, a column each, so one statement writes any number of them.
import type {
  AttemptFacts,
  Counter,
  Entry,
  Hold,
  HoldCounter,
  JobEvent,
  JobFacts,
  Lot,
  StepFacts,
} from '@fairmeter/domain';

type Cell = string | number | boolean | null;

export interface Owned<T> {
  readonly row: T;
  readonly scopeId: string;
  readonly accountId: string;
  readonly at: string;
  /** The number given to an entry or an event inside its scope. */
  readonly seq: bigint;
  readonly operationKey: string;
}

interface Column<T> {
  readonly name: string;
  readonly type: string;
  readonly cell: (owned: Owned<T>) => Cell;
}

export interface Table<T> {
  readonly name: string;
  readonly columns: readonly Column<T>[];
  /** What follows the insert: append-only tables say nothing. */
  readonly onConflict: string;
}

function table<T>(name: string, columns: Column<T>[], key?: { on: string; update: readonly string[] }): Table<T> {
  const changes = key?.update.map((column) => `${column} = excluded.${column}`).join(', ');
  return { name, columns, onConflict: key === undefined ? '' : `ON CONFLICT (${key.on}) DO UPDATE SET ${changes}` };
}

const column = <T>(name: string, type: string, cell: (row: T, owned: Owned<T>) => Cell): Column<T> => ({
  name,
  type,
  cell: (owned) => cell(owned.row, owned),
});
const moment = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

const scopeId = <T>(): Column<T> => column('scope_id', 'text', (_, owned) => owned.scopeId);
const accountId = <T>(): Column<T> => column('account_id', 'text', (_, owned) => owned.accountId);
const scopeSeq = <T>(): Column<T> => column('scope_seq', 'bigint', (_, owned) => owned.seq.toString());
const effectiveAt = <T>(): Column<T> => column('effective_at', 'timestamptz', (_, owned) => owned.at);

export interface OperationWritten {
  readonly key: string;
  readonly verb: string;
  readonly bodyHash: string;
  readonly body: Readonly<Record<string, unknown>>;
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
  ],
  { on: 'id', update: ['open', 'held', 'clawed_back'] },
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
  ],
  { on: 'id', update: ['state'] },
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
  { on: 'hold_id, line_no', update: ['held', 'captured', 'reversed'] },
);

export const COUNTERS = table<Counter>(
  'counters',
  [
    column('id', 'text', (counter) => counter.id),
    scopeId(),
    accountId(),
    column('kind', 'text', (counter) => counter.kind),
    column('subject', 'text', (counter) => counter.subject),
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
  { on: 'hold_id, counter_id', update: ['held', 'used'] },
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

export const JOBS = table<JobFacts>(
  'jobs',
  [
    column('id', 'text', (job) => job.id),
    scopeId(),
    accountId(),
    column('bot_id', 'text', (job) => job.botId),
    column('bot_type', 'text', (job) => job.botType),
    column('key_hash', 'text', (job) => job.keyHash),
    column('body_hash', 'text', (job) => job.bodyHash),
    column('workflow_id', 'text', (job) => job.workflowId),
    column('run_id', 'text', (job) => job.runId),
    column('trace_parent', 'text', (job) => job.traceParent),
    column('request_kind', 'text', (job) => job.requestKind),
    column('model', 'text', (job) => job.model),
    column('rate_card_id', 'text', (job) => job.rateCardId),
    column('prompt_ref', 'text', (job) => job.promptRef),
    column('prompt_bytes', 'integer', (job) => job.promptBytes),
    column('state', 'text', (job) => job.state),
    column('end_reason', 'text', (job) => job.endReason),
    column('max_iterations', 'integer', (job) => job.maxIterations),
    column('max_credits', 'bigint', (job) => job.maxCredits.toString()),
    column('iteration', 'integer', (job) => job.iteration),
    column('steps_ended', 'integer', (job) => job.stepsEnded),
    column('billable_steps', 'integer', (job) => job.billableSteps),
    column('charge', 'bigint', (job) => job.charge.toString()),
    column('minimum_charge', 'bigint', (job) => job.minimumCharge.toString()),
    column('written_off', 'bigint', (job) => job.writtenOff.toString()),
    column('refunded', 'bigint', (job) => job.refunded.toString()),
    column('held', 'bigint', (job) => job.held.toString()),
    column('created_at', 'timestamptz', (job) => moment(job.createdAt)),
    column('started_at', 'timestamptz', (job) => moment(job.startedAt)),
    column('ended_at', 'timestamptz', (job) => moment(job.endedAt)),
  ],
  {
    on: 'id',
    update: [
      'state',
      'end_reason',
      'max_credits',
      'iteration',
      'steps_ended',
      'billable_steps',
      'charge',
      'minimum_charge',
      'written_off',
      'refunded',
      'held',
      'started_at',
      'ended_at',
    ],
  },
);

export const STEPS = table<StepFacts>(
  'steps',
  [
    column('job_id', 'text', (step) => step.jobId),
    column('ordinal', 'integer', (step) => step.ordinal),
    accountId(),
    column('iteration', 'integer', (step) => step.iteration),
    column('kind', 'text', (step) => step.kind),
    column('stage', 'text', (step) => step.stage),
    column('model', 'text', (step) => step.model),
    column('state', 'text', (step) => step.state),
    column('charge_class', 'text', (step) => step.chargeClass),
    column('charge', 'bigint', (step) => step.charge.toString()),
    column('written_off', 'bigint', (step) => step.writtenOff.toString()),
    column('verdict', 'text', (step) => step.verdict),
    column('result_ref', 'text', (step) => step.resultRef),
    column('result_bytes', 'integer', (step) => step.resultBytes),
    column('started_at', 'timestamptz', (step) => moment(step.startedAt)),
    column('ended_at', 'timestamptz', (step) => moment(step.endedAt)),
  ],
  {
    on: 'job_id, ordinal',
    update: ['state', 'charge_class', 'charge', 'written_off', 'verdict', 'result_ref', 'result_bytes', 'ended_at'],
  },
);

const meter = (name: string, of: (attempt: AttemptFacts) => number): Column<AttemptFacts> => column(name, 'bigint', of);

const METERS: Column<AttemptFacts>[] = [
  meter('input_tokens', (attempt) => attempt.meters.input),
  meter('cached_input_tokens', (attempt) => attempt.meters.cachedInput),
  meter('cache_write_tokens', (attempt) => attempt.meters.cacheWrite),
  meter('output_tokens', (attempt) => attempt.meters.output),
  meter('reasoning_tokens', (attempt) => attempt.meters.reasoning),
  meter('system_tokens', (attempt) => attempt.meters.system),
  meter('calls', (attempt) => attempt.meters.calls),
  meter('milliseconds', (attempt) => attempt.meters.milliseconds),
  meter('bytes', (attempt) => attempt.meters.bytes),
];

export const ATTEMPTS = table<AttemptFacts>(
  'attempts',
  [
    column('job_id', 'text', (attempt) => attempt.jobId),
    column('ordinal', 'integer', (attempt) => attempt.ordinal),
    column('number', 'integer', (attempt) => attempt.number),
    accountId(),
    column('state', 'text', (attempt) => attempt.state),
    column('charge_class', 'text', (attempt) => attempt.chargeClass),
    column('fault', 'text', (attempt) => attempt.fault),
    ...METERS,
    column('unmetered', 'boolean', (attempt) => attempt.unmetered),
    column('provider_request_id', 'text', (attempt) => attempt.providerRequestId),
    column('region', 'text', (attempt) => attempt.region),
    column('latency_ms', 'integer', (attempt) => attempt.latencyMs),
    column('started_at', 'timestamptz', (attempt) => moment(attempt.startedAt)),
    column('ended_at', 'timestamptz', (attempt) => moment(attempt.endedAt)),
  ],
  {
    on: 'job_id, ordinal, number',
    update: [
      'state',
      'charge_class',
      'fault',
      ...METERS.map((each) => each.name),
      'unmetered',
      'provider_request_id',
      'region',
      'latency_ms',
      'ended_at',
    ],
  },
);

export const OUTBOX = table<JobEvent>('outbox', [
  scopeId(),
  scopeSeq(),
  accountId(),
  column('job_id', 'text', (event) => event.job_id),
  column('type', 'text', (event) => event.type),
  column('payload', 'jsonb', (event) => JSON.stringify(event)),
  effectiveAt(),
]);
