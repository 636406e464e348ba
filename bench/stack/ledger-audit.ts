// Bench room, the stack. Fast and wrong is not fast: after every run the ledger is audited, and every job that was
// submitted must have been completed and charged.
import { auditLedger, describeAudit } from '@fairmeter/ledger';
import { WriterDatabase } from '@fairmeter/platform/database';
import type { ScenarioContext } from '../scenarios/scenario.js';

export interface Submitted {
  readonly steps: number;
  readonly jobs: number;
}

/** Says what it finds, and throws where the ledger does not hold or a job is missing. */
export async function auditOf(
  writerUrl: string,
  terminal: ScenarioContext['terminal'],
  submitted: readonly Submitted[],
): Promise<readonly string[]> {
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
    const lines = [
      ...describeAudit(report),
      ...submitted.map(
        ({ steps, jobs }) =>
          `${counted.get(String(steps)) ?? 0} of ${jobs} submitted jobs completed and were charged in ${steps} steps`,
      ),
    ];
    for (const line of lines) terminal.line(line);
    if (report.holds && allThere) return lines;
    throw new Error('the ledger does not hold after the bench: its figures are worth nothing');
  } finally {
    await writer.close();
  }
}
