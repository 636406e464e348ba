// Simulation. Holds the tables against what callers were told and against the rules: nothing acknowledged is missing,
// nothing stands that nobody asked for, every row is what the operations come to, and the auditor agrees.
import { canonicalJson, instant, parseCredits, ZERO, type JsonValue, type NoteLoopResult } from '@fairmeter/domain';
import { auditLedger } from '@fairmeter/ledger';
import type { WriterDatabase } from '@fairmeter/platform/database';
import type { Receipts } from './receipts.js';
import { ReplayedScope, type StandingOperation } from './replayed-scope.js';
import { scopeOf } from './request.js';
import { differencesOf } from './tables.js';

/** At rest every question has its answer; in a crash some callers do not know yet, and either end is right. */
export type Moment = 'at_rest' | 'after_crash';

interface OperationRow {
  readonly key: string;
  readonly scope: string;
  readonly result: object;
  readonly at: Date;
  readonly lots: readonly string[] | null;
}

// Written under the lock of its scope, one row after the other: within a scope this is the order they were decided in.
const STANDING = `SELECT o.key, o.scope_id AS scope, o.result, o.effective_at AS at,
    CASE WHEN o.verb IN ('job.refund', 'job.loop') THEN (SELECT json_agg(e.lot_id ORDER BY e.scope_seq)
      FROM ledger.entries e WHERE e.scope_id = o.scope_id AND e.operation_key = o.key) END AS lots
  FROM ledger.operations o WHERE o.scope_id = ANY ($1) ORDER BY o.recorded_at, o.ctid`;

export class LedgerJudge {
  rowsAudited = 0;
  /** Operations that were found to stand after a kill, before anybody had been told of them. */
  stoodUntold = 0;

  constructor(
    private readonly database: WriterDatabase,
    private readonly receipts: Receipts,
  ) {}

  async differences(moment: Moment): Promise<readonly string[]> {
    const scopes = [...new Set([...this.receipts.asked.values()].map(scopeOf))];
    const standing = await this.database.query<OperationRow>({ text: STANDING, values: [scopes] });
    const found = [...this.receipts.problems, ...this.againstReceipts(standing, moment)];
    for (const scopeId of scopes) {
      found.push(...(await this.againstRules(scopeId, standing)), ...(await this.againstSums(scopeId, moment)));
    }
    return [...found, ...(await this.audited())];
  }

  private againstReceipts(standing: readonly OperationRow[], moment: Moment): string[] {
    const { applied, asked } = this.receipts;
    const found = moment === 'at_rest' ? this.receipts.neverApplied() : [];
    const answers = new Map(standing.map((row) => [row.key, canonicalJson(row.result as JsonValue)]));
    for (const receipt of applied.values()) {
      const kept = answers.get(receipt.key);
      if (kept === undefined) found.push(`LOST: ${receipt.key} was acknowledged and does not stand`);
      else if (kept !== receipt.answer) found.push(`${receipt.key} was answered ${receipt.answer}, kept is ${kept}`);
    }
    for (const key of answers.keys()) {
      if (!asked.has(key)) found.push(`${key} stands and nobody asked for it`);
      else if (applied.has(key)) continue;
      else if (moment === 'at_rest') found.push(`${key} stands and nobody was told so`);
      else this.stoodUntold += 1;
    }
    return found;
  }

  /** What stands is played again in memory: a half-written operation, or one counted twice, shows in some row. */
  private async againstRules(scopeId: string, standing: readonly OperationRow[]): Promise<string[]> {
    const scope = new ReplayedScope(scopeId);
    for (const row of standing.filter((each) => each.scope === scopeId)) {
      const request = this.receipts.asked.get(row.key);
      if (request === undefined) return [];
      const { key, result, lots } = row;
      const operation: StandingOperation = { key, result, at: instant(row.at.getTime()), lots: lots ?? [] };
      try {
        const [kept, wanted] = [row.result, scope.play(request, operation)].map((each) =>
          canonicalJson(each as JsonValue),
        );
        if (kept !== wanted) return [`${row.key} was answered ${kept}, the rules say ${wanted}`];
      } catch (error) {
        return [`${row.key} cannot be played again: ${error instanceof Error ? error.message : String(error)}`];
      }
    }
    return differencesOf(this.database, scope);
  }

  /**
   * What callers would add up from their own receipts, against what left and entered the lots. A day's lot is granted
   * by the terms: nobody is told so, and playing them again says how much it must be.
   */
  private async againstSums(scopeId: string, moment: Moment): Promise<string[]> {
    if (moment === 'after_crash') return [];
    const text = `SELECT
        coalesce(sum(amount) FILTER (WHERE from_account LIKE 'issued:%' AND lot_id NOT LIKE 'lot_day_%'), 0)::text
          AS granted,
        coalesce(sum(amount) FILTER (WHERE to_account LIKE 'debt:%'), 0)::text AS "debtPaid",
        coalesce(sum(amount) FILTER (WHERE to_account LIKE 'consumed:%' AND lot_id IS NOT NULL), 0)::text AS charged,
        coalesce(sum(amount) FILTER (WHERE from_account LIKE 'consumed:%'), 0)::text AS refunded
      FROM ledger.entries WHERE scope_id = $1`;
    const [kept] = await this.database.query<Record<string, string>>({ text, values: [scopeId] });
    const told = sumsOfReceipts(this.receipts, scopeId);
    return Object.entries(told)
      .filter(([name, sum]) => kept?.[name] !== sum.toString())
      .map(([name, sum]) => `${scopeId}: receipts add up to ${sum} ${name}, entries to ${kept?.[name]}`);
  }

  private async audited(): Promise<string[]> {
    const report = await auditLedger(this.database);
    this.rowsAudited = report.rowsChecked;
    return report.checks.flatMap((check) => check.differences.map((text) => `AUDIT ${check.invariant}: ${text}`));
  }
}

function sumsOfReceipts(receipts: Receipts, scopeId: string): Readonly<Record<string, bigint>> {
  const sums = { granted: 0n, debtPaid: 0n, charged: 0n, refunded: 0n };
  const ended = new Map<string, bigint>();
  const settled = new Map<string, bigint>();
  for (const { request, result } of receipts.applied.values()) {
    if (scopeOf(request) !== scopeId) continue;
    const amount = (field: string): bigint => BigInt((result as Readonly<Record<string, string>>)[field] ?? '0');
    if (request.verb === 'grant') {
      sums.granted += request.order.amount;
      sums.debtPaid += amount('debtPaid');
    } else if (request.verb === 'growLot') sums.granted += request.order.amount;
    else if (request.verb === 'refund' || request.verb === 'refundSteps') sums.refunded += amount('amount');
    else if (request.verb === 'note') sums.refunded += givenBack(result as NoteLoopResult);
    else if (request.verb === 'settle') settled.set(request.payer.jobId, amount('charge'));
    else if (request.verb === 'end' || request.verb === 'stop') {
      const { jobId } = request.post.payer;
      ended.set(jobId, (ended.get(jobId) ?? 0n) + amount('charge'));
    }
  }
  // A settled job says its whole charge once more, with its minimum line.
  for (const charge of new Map([...ended, ...settled]).values()) sums.charged += charge;
  return sums;
}

/** A finding says in credits what came back with it, where anything did. */
function givenBack({ action, amount }: NoteLoopResult): bigint {
  return action === 'refunded' ? (parseCredits(amount) ?? ZERO) : ZERO;
}
