// Ledger room. The auditor: recomputes the ledger from its entries in one snapshot and reports every difference.
import type { WriterDatabase } from '@fairmeter/platform/database';
import { AUDIT_CHECKS } from './checks.js';
import { checkDays } from './days.js';
import { LOT_CHECKS } from './lot-checks.js';
import { REFERENCE_CHECKS } from './references.js';
import type { CheckReport } from './report.js';
import { checkTestScopes } from './test-scopes.js';

export type { CheckReport } from './report.js';

export interface AuditReport {
  readonly holds: boolean;
  readonly rowsChecked: number;
  readonly checks: readonly CheckReport[];
}

const SHOWN_AT_MOST = 10;

export async function auditLedger(database: WriterDatabase): Promise<AuditReport> {
  const checks = await database.transaction(async (tx) => {
    // One snapshot for all checks: the ledger may be at work meanwhile.
    await tx.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    const reports: CheckReport[] = [];
    for (const { invariant, what, count, broken } of [...AUDIT_CHECKS, ...LOT_CHECKS, ...REFERENCE_CHECKS]) {
      const counted = await tx.query<{ checked: bigint }>(count);
      const found = await tx.query<{ difference: string }>(`${broken} LIMIT ${SHOWN_AT_MOST}`);
      reports.push({
        invariant,
        what,
        rowsChecked: Number(counted[0]?.checked ?? 0n),
        differences: found.map((row) => row.difference),
      });
    }
    reports.push(await checkDays(tx, SHOWN_AT_MOST), await checkTestScopes(tx, SHOWN_AT_MOST));
    return reports;
  });
  return {
    holds: checks.every((check) => check.differences.length === 0),
    rowsChecked: checks.reduce((sum, check) => sum + check.rowsChecked, 0),
    checks,
  };
}

/** A line per check and the verdict: what a person or a log needs. */
export function describeAudit(report: AuditReport): string[] {
  const lines = report.checks.map(({ invariant, rowsChecked, differences }) =>
    differences.length === 0
      ? `ok      ${invariant} (${rowsChecked} rows)`
      : `BROKEN  ${invariant} (${rowsChecked} rows)\n${differences.map((text) => `          ${text}`).join('\n')}`,
  );
  const verdict = report.holds ? 'the ledger holds' : 'the ledger does NOT hold';
  return [...lines, `${verdict}: ${report.rowsChecked} rows checked`];
}
