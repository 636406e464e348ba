// Bench room, the ledger. Fast and wrong is not fast: every database of the bench is audited, and must hold as many
// ended jobs as cycles were measured, and no others but those left open on purpose.
import { auditLedger, describeAudit } from '@fairmeter/ledger';
import { withClient, WriterDatabase } from '@fairmeter/platform/database';
import type { BenchDatabase } from './bench-postgres.js';

export interface Expected {
  readonly cycles: number;
  readonly openHolds: number;
}

/** The lines of a page; throws where anything differs. */
export async function auditCycles(database: BenchDatabase, expected: Expected): Promise<readonly string[]> {
  const started = performance.now();
  // Minutes after its first row a database knows nothing of its tables yet, and the auditor's joins are planned badly.
  await withClient(database.adminUrl, (admin) => admin.query('VACUUM (ANALYZE)'));
  const writer = await WriterDatabase.open({
    url: database.writerUrl,
    maxConnections: 1,
    applicationName: 'bench-audit',
  });
  try {
    const report = await auditLedger(writer);
    const [jobs] = await writer.query<{ ended: bigint; open: bigint }>(
      `SELECT count(*) FILTER (WHERE state = 'completed' AND charge > 0) AS ended,
        count(*) FILTER (WHERE state = 'running' AND held > 0) AS open FROM ledger.jobs`,
    );
    const seconds = Math.round((performance.now() - started) / 1000);
    const allThere = Number(jobs?.ended) === expected.cycles && Number(jobs?.open) === expected.openHolds;
    const counted = `${jobs?.ended} of ${expected.cycles} cycles ended, ${jobs?.open} of ${expected.openHolds} open`;
    const lines = [`audit of ${database.name}, ${seconds} s`, ...describeAudit(report), counted];
    if (!report.holds || !allThere) {
      throw new Error(['the ledger does not hold after the bench: its figures are worth nothing', ...lines].join('\n'));
    }
    return lines;
  } finally {
    await writer.close();
  }
}
