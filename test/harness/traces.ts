// Test harness. Where a text may have been left: every column of every table, every workflow history, and every file of
// the state folder but the database's own, whose deleted rows are the server's to overwrite.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CHECKOUT } from './checkout.js';
import type { TestStack } from './test-stack.js';

/** The folder in which this run of the tests keeps what it leaves on disk. */
export function stateOfThisRun(): string {
  return join(resolve(CHECKOUT, process.env['FAIRMETER_STATE_DIR'] ?? '.fairmeter'), 'test');
}

/** Names of the places in which any of the texts stands. */
export async function tracesOf(stack: TestStack, texts: readonly string[], folder?: string): Promise<string[]> {
  return [
    ...(await inTables(stack, texts)),
    ...(await inHistories(stack, texts)),
    ...(folder === undefined ? [] : inFiles(folder, texts)),
  ];
}

async function inTables({ entities: { manager } }: TestStack, texts: readonly string[]): Promise<string[]> {
  const tables = await manager.query<{ name: string }[]>(
    `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
     WHERE table_schema IN ('ledger', 'records', 'public') AND table_type = 'BASE TABLE'
       AND has_table_privilege(format('%I.%I', table_schema, table_name), 'SELECT') ORDER BY 1`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    for (const text of texts) {
      // The whole row as text: every column of it, bytes and JSON as well.
      const rows = await manager.query<unknown[]>(`SELECT FROM ${name} t WHERE strpos(t::text, $1) > 0 LIMIT 1`, [
        text,
      ]);
      if (rows.length > 0) found.push(`${name}: ${text}`);
    }
  }
  return found;
}

/** Payloads as they are stored, decoded where they are plain JSON. */
async function inHistories({ temporal, namespace }: TestStack, texts: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  const service = temporal.connection.workflowService;
  const { executions } = await service.listWorkflowExecutions({ namespace, pageSize: 1_000 });
  for (const execution of executions) {
    const parts: unknown[] = [execution];
    const { history } = await service.getWorkflowExecutionHistory({
      namespace,
      execution: execution.execution ?? null,
    });
    parts.push(...(history?.events ?? []));
    const told = JSON.stringify(parts, (_, value: unknown) =>
      value instanceof Uint8Array
        ? Buffer.from(value).toString('utf8')
        : typeof value === 'bigint'
          ? `${value}`
          : value,
    );
    const read = told.replaceAll('\\', '');
    for (const text of texts) {
      if (read.includes(text)) found.push(`history of ${execution.execution?.workflowId ?? '?'}: ${text}`);
    }
  }
  return found;
}

function inFiles(folder: string, texts: readonly string[]): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (name === 'postgres') return [];
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined || (!stat.isDirectory() && !stat.isFile())) return [];
    if (stat.isDirectory()) return inFiles(path, texts);
    const content = readFileSync(path);
    return texts.filter((text) => content.includes(text)).map((text) => `${path}: ${text}`);
  });
}
