// Command line: `audit`, every figure of the ledger recomputed from its entries. Changes nothing; ends with 1 on any
// difference.
import { auditLedger, describeAudit, type AuditReport } from '@fairmeter/ledger';
import { WriterDatabase } from '@fairmeter/platform/database';
import { withLedger } from '../database/ledger-door.js';
import type { Terminal } from '../terminal/terminal.js';
import { readFlags, type Command } from './command.js';

export const audit: Command = async (context) => {
  readFlags(context.args, []);
  return withLedger(context, 'npm run audit', async ({ url, source }) => {
    context.terminal.line(`auditing ${source}`);
    return (await auditAt(url, context.terminal)).holds ? 0 : 1;
  });
};

/** Audits and tells. */
export async function auditAt(writerUrl: string, terminal: Pick<Terminal, 'line'>): Promise<AuditReport> {
  const database = await WriterDatabase.open({ url: writerUrl, maxConnections: 1, applicationName: 'fairmeter-audit' });
  try {
    const report = await auditLedger(database);
    for (const line of describeAudit(report)) terminal.line(line);
    return report;
  } finally {
    await database.close();
  }
}
