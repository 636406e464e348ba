// Test harness. The auditor as an expectation: fails with the differences in words.
import { auditLedger, describeAudit } from '@fairmeter/ledger';
import type { TestStack } from './test-stack.js';

export async function expectLedgerHolds({ writer }: Pick<TestStack, 'writer'>): Promise<void> {
  const report = await auditLedger(writer);
  if (!report.holds) throw new Error(describeAudit(report).join('\n'));
}
