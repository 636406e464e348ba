// Bench room, the stack. Fast and wrong is not fast: after every run the ledger is audited, and every job that was
// submitted must have been completed and charged.
import { auditLedger, describeAudit } from '@fairmeter/ledger';
import { WriterDatabase } from '@fairmeter/platform/database';

export interface LedgerAudit {
  readonly holds: boolean;
  readonly lines: readonly string[];
}

export async function auditOf(writerUrl: string, submitted: number): Promise<LedgerAudit> {
  const writer = await WriterDatabase.open({ url: writerUrl, maxConnections: 1, applicationName: 'bench-audit' });
  try {
    const report = await auditLedger(writer);
    const [jobs] = await writer.query<{ completed: bigint; others: bigint }>(
      `SELECT count(*) FILTER (WHERE state = 'completed' AND steps_ended = 3 AND charge > 0) AS completed,
        count(*) FILTER (WHERE state <> 'completed' OR steps_ended <> 3 OR charge = 0) AS others FROM ledger.jobs`,
    );
    const counted = Number(jobs?.completed ?? 0n);
    const allThere = counted === submitted && jobs?.others === 0n;
    return {
      holds: report.holds && allThere,
      lines: [...describeAudit(report), `${counted} of ${submitted} submitted jobs completed in three charged steps`],
    };
  } finally {
    await writer.close();
  }
}
