// Bench room, the stack. Fast and wrong is not fast: after every run the ledger is audited, and every job that was
// submitted must have been completed and charged.
import { auditLedger, describeAudit } from '@fairmeter/ledger';
import { WriterDatabase } from '@fairmeter/platform/database';

export interface LedgerAudit {
  readonly holds: boolean;
  readonly lines: readonly string[];
}

export interface Submitted {
  readonly steps: number;
  readonly jobs: number;
}

export async function auditOf(writerUrl: string, submitted: readonly Submitted[]): Promise<LedgerAudit> {
  const writer = await WriterDatabase.open({ url: writerUrl, maxConnections: 1, applicationName: 'bench-audit' });
  try {
    const report = await auditLedger(writer);
    const found = await writer.query<{ steps: string; jobs: bigint }>(
      `SELECT CASE WHEN state = 'completed' AND charge > 0 THEN steps_ended::text ELSE 'not as it should' END AS steps,
        count(*) AS jobs FROM ledger.jobs GROUP BY 1`,
    );
    const counted = new Map(found.map(({ steps, jobs }) => [steps, Number(jobs)]));
    const wanted = submitted.filter(({ jobs }) => jobs > 0);
    const allThere =
      counted.size === wanted.length && wanted.every(({ steps, jobs }) => counted.get(String(steps)) === jobs);
    return {
      holds: report.holds && allThere,
      lines: [
        ...describeAudit(report),
        ...submitted.map(
          ({ steps, jobs }) =>
            `${counted.get(String(steps)) ?? 0} of ${jobs} submitted jobs completed and were charged in ${steps} steps`,
        ),
      ],
    };
  } finally {
    await writer.close();
  }
}
