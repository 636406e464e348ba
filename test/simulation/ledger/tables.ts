// Simulation. The rows of one payer and what memory says they must be, both as lines of text: the same words for the
// same fact, so that a difference can be read.
import { canonicalJson, type JsonValue } from '@fairmeter/domain';
import type { WriterDatabase } from '@fairmeter/platform/database';
import type { ReplayedScope } from './replayed-scope.js';

interface Compared {
  readonly table: string;
  /** Columns as memory calls them. */
  readonly sql: string;
  readonly expected: (scope: ReplayedScope) => readonly object[];
}

const OF_JOBS = 'JOIN ledger.jobs j ON j.id = x.job_id WHERE j.scope_id = $1';

const COMPARED: readonly Compared[] = [
  {
    // One whose first grant was refused was opened and is as empty as one that was never met.
    table: 'scopes',
    sql: `SELECT entry_seq AS entries, outbox_seq AS events, debt, terms_rows AS terms, limit_rows AS limits,
        day_opened AS "dayOpened", open_jobs AS "openJobs", visitor_jobs AS "visitorJobs", last_effective_at AS at
      FROM ledger.scopes WHERE id = $1 AND last_effective_at > to_timestamp(0)`,
    expected: ({ entries, terms, limits, ledger: { events, snapshot, openJobs, visitorJobs, lastEffectiveAt: at } }) =>
      at === 0
        ? []
        : [
            {
              entries: entries.length,
              events: events.length,
              debt: snapshot.debt,
              terms: terms.length,
              limits: limits.length,
              dayOpened: snapshot.terms.dayOpened,
              openJobs,
              visitorJobs,
              at,
            },
          ],
  },
  {
    table: 'entries',
    sql: `SELECT scope_seq AS seq, operation_key AS "operationKey", from_account AS from, to_account AS to, amount,
        lot_id AS "lotId", lot_open_after AS "lotOpenAfter", lot_held_after AS "lotHeldAfter", job_id AS "jobId",
        step_ordinal AS "stepOrdinal", effective_at AS at
      FROM ledger.entries WHERE scope_id = $1`,
    expected: ({ entries }) => entries.map((entry, index) => ({ ...entry, seq: index + 1 })),
  },
  {
    table: 'lots',
    sql: `SELECT id, kind, granted, open, held, valid_from AS "validFrom", expires_at AS "expiresAt",
        source_ref AS "sourceRef", opened_seq AS "openedSeq", clawed_back AS "clawedBack", lapsed,
        granted_until AS "grantedUntil", period_start AS "periodStart"
      FROM ledger.lots WHERE scope_id = $1`,
    expected: ({ ledger: { snapshot } }) => [...snapshot.lots.values()],
  },
  {
    table: 'terms',
    sql: `SELECT number, effective_at AS "effectiveAt", zone, daily_allowance AS "dailyAllowance",
        reset_not_before AS "resetNotBefore", next_reset_at AS "nextResetAt", operation_key AS "operationKey"
      FROM ledger.terms WHERE scope_id = $1`,
    expected: ({ terms }) => terms,
  },
  {
    table: 'limits',
    sql: `SELECT number, kind, subject, period, amount, effective_at AS at, operation_key AS "operationKey"
      FROM ledger.limits WHERE scope_id = $1`,
    expected: ({ limits }) => limits.map((limit, index) => ({ ...limit, number: index + 1 })),
  },
  {
    table: 'counters',
    sql: `SELECT id, kind, subject, period, period_start AS "periodStart", used, held
      FROM ledger.counters WHERE scope_id = $1`,
    expected: ({ ledger: { snapshot } }) => [...snapshot.counters.values()],
  },
  {
    table: 'holds',
    sql: `SELECT x.id, x.job_id AS "jobId", x.state, x.funding, x.public_may_use_bonus AS "publicMayUseBonus",
        x.limit_refs AS "limitRefs", l.line_no AS "lineNo", l.lot_id AS "lotId", l.held,
        l.captured, l.reversed
      FROM ledger.holds x LEFT JOIN ledger.hold_lines l ON l.hold_id = x.id WHERE x.scope_id = $1`,
    expected: ({ ledger: { snapshot } }) =>
      [...snapshot.holds.values()].flatMap(({ id, jobId, state, payer, limitRefs, lines }) =>
        lines.map((line) => ({ id, jobId, state, ...payer, limitRefs, ...line })),
      ),
  },
  {
    table: 'hold_counters',
    sql: `SELECT p.hold_id AS "holdId", p.counter_id AS "counterId", p.held, p.used
      FROM ledger.hold_counters p JOIN ledger.holds x ON x.id = p.hold_id WHERE x.scope_id = $1`,
    expected: ({ ledger: { snapshot } }) =>
      [...snapshot.holds.values()].flatMap(({ id, counters }) => counters.map((part) => ({ ...part, holdId: id }))),
  },
  {
    table: 'jobs',
    sql: `SELECT x.id, x.state, x.end_reason AS "endReason", x.max_credits AS "maxCredits", x.iteration,
        x.steps_ended AS "stepsEnded", x.charge, x.minimum_charge AS "minimumCharge", x.written_off AS "writtenOff",
        x.refunded, x.held, x.run_id AS "runId", x.created_at AS "createdAt", x.ended_at AS "endedAt"
      FROM ledger.jobs x WHERE x.scope_id = $1`,
    expected: ({ ledger: { jobs } }) => [...jobs.values()],
  },
  {
    table: 'steps',
    sql: `SELECT x.job_id AS "jobId", x.ordinal, x.state, x.charge_class AS "chargeClass", x.charge,
        x.written_off AS "writtenOff", x.verdict, x.started_at AS "startedAt", x.ended_at AS "endedAt"
      FROM ledger.steps x ${OF_JOBS}`,
    expected: ({ ledger: { steps } }) => [...steps.values()],
  },
  {
    table: 'attempts',
    sql: `SELECT x.job_id AS "jobId", x.ordinal, x.number, x.state, x.charge_class AS "chargeClass", x.fault,
        x.input_tokens AS input, x.output_tokens AS output, x.started_at AS "startedAt", x.ended_at AS "endedAt"
      FROM ledger.attempts x ${OF_JOBS}`,
    expected: ({ ledger: { attempts } }) => [...attempts.values()].map((one) => ({ ...one, ...one.meters })),
  },
  {
    table: 'loop_findings',
    sql: `SELECT x.job_id AS "jobId", x.number, x.signal, x.cause, x.action, x.found_at_step AS "foundAtStep", x.amount,
        x.found_at AS "foundAt" FROM ledger.loop_findings x WHERE x.scope_id = $1`,
    expected: ({ ledger: { findings } }) => [...findings.values()],
  },
  {
    table: 'outbox',
    sql: 'SELECT scope_seq AS seq, payload FROM ledger.outbox WHERE scope_id = $1',
    expected: ({ ledger: { events } }) => events.map((payload, index) => ({ seq: index + 1, payload })),
  },
];

const SHOWN_AT_MOST = 3;

/** Every row on one side and not on the other, the first few of each table in words. */
export async function differencesOf(database: WriterDatabase, scope: ReplayedScope): Promise<string[]> {
  const found: string[] = [];
  for (const { table, sql, expected } of COMPARED) {
    const rows = await database.query<Record<string, unknown>>({ text: sql, values: [scope.scopeId] });
    const columns = rows[0] === undefined ? undefined : Object.keys(rows[0]);
    const actual = rows.map((row) => line(row, columns));
    const wanted = expected(scope).map((fact) => line(fact, columns));
    const tell = (what: string, lines: readonly string[], others: readonly string[]): void => {
      const other = new Set(others);
      const alone = lines.filter((each) => !other.has(each));
      found.push(...alone.slice(0, SHOWN_AT_MOST).map((each) => `${scope.scopeId} ${table} ${what} ${each}`));
    };
    tell('has', actual, wanted);
    tell('lacks', wanted, actual);
    if (actual.length !== wanted.length) {
      found.push(`${scope.scopeId} ${table} has ${actual.length} rows instead of ${wanted.length}`);
    }
  }
  return found;
}

function line(row: object, columns?: readonly string[]): string {
  const fields = row as Readonly<Record<string, unknown>>;
  return canonicalJson(Object.fromEntries((columns ?? Object.keys(fields)).map((name) => [name, plain(fields[name])])));
}

/** Numbers, amounts and moments as text: the driver and the domain hold them in different types. */
function plain(value: unknown): JsonValue {
  if (value instanceof Date) return String(value.getTime());
  if (typeof value === 'bigint' || typeof value === 'number') return String(value);
  return (value ?? null) as JsonValue;
}
