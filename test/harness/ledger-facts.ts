// Test harness. What the tables say of a job and an account, in words short enough to compare whole.
import { formatCredits, parseMicroCredits } from '@fairmeter/domain';
import type { TestStack } from './test-stack.js';

async function rows<T>(stack: TestStack, sql: string, ...values: readonly unknown[]): Promise<T[]> {
  return stack.entities.manager.query<T[]>(sql, [...values]);
}

const credits = (micro: string): string => formatCredits(parseMicroCredits(micro));

export interface AccountFacts {
  readonly jobs: number;
  readonly holds: number;
  readonly openHolds: number;
  readonly entries: number;
  /** What the lots hold back, what is free, and what was used up. */
  readonly held: string;
  readonly open: string;
  readonly consumed: string;
}

export async function accountFacts(stack: TestStack, accountId: string): Promise<AccountFacts> {
  const [row] = await rows<Record<keyof AccountFacts, string>>(
    stack,
    `SELECT (SELECT count(*) FROM ledger.jobs WHERE account_id = $1) AS jobs,
       (SELECT count(*) FROM ledger.holds WHERE account_id = $1) AS holds,
       (SELECT count(*) FROM ledger.holds WHERE account_id = $1 AND state = 'held') AS "openHolds",
       (SELECT count(*) FROM ledger.entries WHERE account_id = $1) AS entries,
       (SELECT coalesce(sum(held), 0) FROM ledger.lots WHERE account_id = $1)::text AS held,
       (SELECT coalesce(sum(open), 0) FROM ledger.lots WHERE account_id = $1)::text AS open,
       (SELECT coalesce(sum(amount), 0) FROM ledger.entries
         WHERE account_id = $1 AND to_account LIKE 'consumed:%')::text
         AS consumed`,
    accountId,
  );
  if (row === undefined) throw new Error('one row always comes back');
  return {
    jobs: Number(row.jobs),
    holds: Number(row.holds),
    openHolds: Number(row.openHolds),
    entries: Number(row.entries),
    held: credits(row.held),
    open: credits(row.open),
    consumed: credits(row.consumed),
  };
}

export interface EntryFact {
  readonly verb: string;
  /** Which side of a lot or which outside account, without ids. */
  readonly from: string;
  readonly to: string;
  readonly amount: string;
  readonly operation: string;
}

export async function entriesOf(stack: TestStack, jobId: string): Promise<EntryFact[]> {
  const found = await rows<{ verb: string; from: string; to: string; amount: string; operation: string }>(
    stack,
    `SELECT o.verb, e.from_account AS from, e.to_account AS to, e.amount::text AS amount, e.operation_key AS operation
     FROM ledger.entries e JOIN ledger.operations o ON o.key = e.operation_key
     WHERE e.job_id = $1 ORDER BY e.scope_seq`,
    jobId,
  );
  return found.map((entry) => ({
    ...entry,
    from: kindOf(entry.from),
    to: kindOf(entry.to),
    amount: credits(entry.amount),
  }));
}

/** `lot:lot_x:open` is `open`, `consumed:account:acc_x` is `consumed`. */
function kindOf(account: string): string {
  const parts = account.split(':');
  return (parts[0] === 'lot' ? parts.at(-1) : parts[0]) ?? account;
}

export interface AttemptFact {
  readonly step: number;
  readonly attempt: number;
  readonly state: string;
  readonly chargeClass: string | null;
  readonly fault: string | null;
  readonly input: number;
  readonly output: number;
  readonly startedAt: number;
  readonly endedAt: number | null;
}

export async function attemptsOf(stack: TestStack, jobId: string): Promise<AttemptFact[]> {
  return rows<AttemptFact>(
    stack,
    `SELECT ordinal AS step, number AS attempt, state, charge_class AS "chargeClass", fault,
       input_tokens::int AS input, output_tokens::int AS output,
       (extract(epoch FROM started_at) * 1000)::float8 AS "startedAt",
       (extract(epoch FROM ended_at) * 1000)::float8 AS "endedAt"
     FROM ledger.attempts WHERE job_id = $1 ORDER BY ordinal, number`,
    jobId,
  );
}

/** `step.attempt class fault`, one line each. */
export async function attemptLines(stack: TestStack, jobId: string): Promise<string[]> {
  const attempts = await attemptsOf(stack, jobId);
  return attempts.map(({ step, attempt, chargeClass, fault }) =>
    [`${step}.${attempt}`, chargeClass ?? 'open', ...(fault === null ? [] : [fault])].join(' '),
  );
}

export async function workflowOf(stack: TestStack, jobId: string): Promise<{ workflowId: string; runId: string }> {
  const [row] = await rows<{ workflowId: string; runId: string }>(
    stack,
    'SELECT workflow_id AS "workflowId", run_id AS "runId" FROM ledger.jobs WHERE id = $1',
    jobId,
  );
  if (row === undefined) throw new Error(`no job ${jobId}`);
  return row;
}

export async function heldOf(stack: TestStack, jobId: string): Promise<{ state: string; held: string }> {
  const [row] = await rows<{ state: string; held: string }>(
    stack,
    `SELECT h.state, coalesce(sum(l.held), 0)::text AS held FROM ledger.holds h
     LEFT JOIN ledger.hold_lines l ON l.hold_id = h.id WHERE h.job_id = $1 GROUP BY h.state`,
    jobId,
  );
  if (row === undefined) throw new Error(`no hold of job ${jobId}`);
  return { state: row.state, held: credits(row.held) };
}

export interface StepFact {
  readonly step: number;
  readonly stage: string;
  readonly verdict: string | null;
  readonly charge: string;
}

export async function stepsOf(stack: TestStack, jobId: string): Promise<StepFact[]> {
  const found = await rows<StepFact>(
    stack,
    `SELECT ordinal AS step, stage, verdict, charge::text AS charge FROM ledger.steps
     WHERE job_id = $1 ORDER BY ordinal`,
    jobId,
  );
  return found.map((step) => ({ ...step, charge: credits(step.charge) }));
}
