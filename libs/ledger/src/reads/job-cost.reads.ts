// Ledger room, read side. Everything the cost of a job is told from: its steps, captures, refunds and loop findings.
import type { LoopCause } from '@fairmeter/domain';
import { add, consumedAccount, instantOfDate, parseMicroCredits, ZERO } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import { HoldRow } from '../rows/hold.row.js';
import { JobRow } from '../rows/job.row.js';
import type { OfJob } from './captures.reads.js';
import { readCaptures, readLeftOnHold } from './captures.reads.js';
import type { FindingView, JobCostView, RefundView } from './job-views.js';
import { readAllSteps } from './steps.reads.js';

/** All figures from one snapshot: the caller's transaction is repeatable read. */
export async function readJobCost(tx: EntityManager, jobId: string): Promise<JobCostView | null> {
  const job = await tx.getRepository(JobRow).findOneBy({ id: jobId });
  if (job === null) return null;
  const hold = await tx.getRepository(HoldRow).findOneBy({ jobId });
  const captures = await readCaptures(tx, job);
  return {
    job,
    funding: hold?.funding ?? 'owner',
    steps: await readAllSteps(tx, job, captures),
    minimum: job.minimumCharge,
    minimumPaidFrom: captures.paidFrom.get(null) ?? [],
    writtenOff: job.writtenOff,
    refunds: await readRefunds(tx, job),
    findings: await readFindings(tx, jobId),
  };
}

export interface ExplainedJobView {
  readonly cost: JobCostView;
  readonly leftOnHold: Awaited<ReturnType<typeof readLeftOnHold>>;
}

export async function readJobToExplain(tx: EntityManager, jobId: string): Promise<ExplainedJobView | null> {
  const cost = await readJobCost(tx, jobId);
  return cost === null ? null : { cost, leftOnHold: await readLeftOnHold(tx, cost.job) };
}

interface RefundPartRow {
  readonly operation_key: string;
  readonly form: RefundView['form'] | null;
  readonly step_ordinal: number | null;
  readonly lot_id: string | null;
  readonly lot_kind: string | null;
  readonly amount: string;
  readonly scope_seq: string;
  readonly effective_at: Date;
}

export async function readRefunds(tx: EntityManager, job: OfJob): Promise<RefundView[]> {
  const rows = await tx.query<RefundPartRow[]>(
    `SELECT e.operation_key, o.body ->> 'form' AS form, e.step_ordinal, e.lot_id, l.kind AS lot_kind, e.amount::text,
       e.scope_seq::text, e.effective_at
     FROM ledger.entries e JOIN ledger.operations o ON o.key = e.operation_key
     LEFT JOIN ledger.lots l ON l.id = e.lot_id
     WHERE e.job_id = $1 AND e.from_account = $2 ORDER BY e.scope_seq`,
    [job.id, consumedAccount(job.scopeId)],
  );
  const refunds = new Map<string, RefundView>();
  const prefix = `${job.id}:refund:`;
  for (const row of rows) {
    const amount = parseMicroCredits(row.amount);
    const part = {
      lotId: row.lot_id ?? '',
      lotKind: row.lot_kind ?? 'unknown',
      amount,
      seq: BigInt(row.scope_seq),
      stepOrdinal: row.step_ordinal,
    };
    const { operation_key: key } = row;
    const known = refunds.get(key) ?? {
      refundKey: key.startsWith(prefix) ? key.slice(prefix.length) : key,
      at: instantOfDate(row.effective_at),
      form: row.form ?? 'origin_while_live',
      amount: ZERO,
      parts: [],
    };
    refunds.set(key, { ...known, amount: add(known.amount, amount), parts: [...known.parts, part] });
  }
  return [...refunds.values()];
}

interface FindingRow {
  readonly number: number;
  readonly signal: string;
  readonly cause: LoopCause;
  readonly action: FindingView['action'];
  readonly found_at_step: number;
  readonly amount: string;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly found_at: Date;
}

export async function readFindings(tx: EntityManager, jobId: string): Promise<FindingView[]> {
  const rows = await tx.query<FindingRow[]>(
    `SELECT number, signal, cause, action, found_at_step, amount::text, evidence, found_at
     FROM ledger.loop_findings WHERE job_id = $1 ORDER BY number`,
    [jobId],
  );
  return rows.map(({ found_at_step: foundAtStep, found_at: foundAt, amount, ...row }) => ({
    ...row,
    foundAtStep,
    amount: parseMicroCredits(amount),
    foundAt: instantOfDate(foundAt),
  }));
}
