// Embedded Temporal: its databases. Promises a login role of its own and both schemas complete, also after a set-up
// that was cut short.
import { join } from 'node:path';
import pg from 'pg';
import { readMemory, remember, type StateFolder } from '../state-folder.js';
import type { Supervisor } from '../supervisor.js';
import { temporalServerVersion, type SqlAccess } from './settings.js';

export interface SchemaOptions {
  readonly adminUrl: string;
  readonly sql: SqlAccess;
  readonly sqlTool: string;
  readonly folder: StateFolder;
  readonly supervisor: Supervisor;
  /** Only databases of our own Postgres may be dropped to be made anew. */
  readonly mayDrop: boolean;
}

export async function prepareTemporalDatabases(options: SchemaOptions): Promise<void> {
  const { sql, folder } = options;
  const stamp = readMemory(folder).temporalSchema;
  await withClient(options.adminUrl, async (admin) => {
    await ensureRole(admin, sql);
    for (const database of [sql.database, sql.visibilityDatabase]) {
      // No stamp: an earlier set-up never finished. Its tables cannot be told from whole ones, so they go.
      if (stamp === undefined && options.mayDrop) await admin.query(`DROP DATABASE IF EXISTS ${quoted(database)}`);
      await ensureDatabase(admin, database, sql.user);
    }
  });
  if (stamp !== temporalServerVersion) {
    await Promise.all([
      updateSchema(options, sql.database, 'temporal'),
      updateSchema(options, sql.visibilityDatabase, 'visibility'),
    ]);
    remember(folder, { temporalSchema: temporalServerVersion });
  }
  // We are the only server here. Members that a killed run left in the table would be waited for.
  await withClient(urlOf(sql), (client) => client.query('DELETE FROM cluster_membership').then(() => undefined));
}

async function updateSchema(options: SchemaOptions, database: string, schema: string): Promise<void> {
  const { sql } = options;
  const target = { database, schema };
  const fresh = await withClient(urlOf(sql, database), async (client) => {
    const found = await client.query(`SELECT to_regclass('schema_version') AS there`);
    return (found.rows as { there: string | null }[])[0]?.there === null;
  });
  if (fresh) await runSqlTool(options, target, ['setup-schema', '--version', '0.0']);
  await runSqlTool(options, target, ['update-schema', '--schema-name', `postgresql/v12/${schema}`]);
}

async function runSqlTool(
  options: SchemaOptions,
  target: { readonly database: string; readonly schema: string },
  command: readonly string[],
): Promise<void> {
  const { sql } = options;
  const { database, schema } = target;
  const tls =
    sql.tls === 'off' ? [] : ['--tls', ...(sql.tls === 'verified' ? [] : ['--tls-disable-host-verification'])];
  await options.supervisor.runToEnd({
    name: `temporal-sql-tool ${command[0] ?? ''} (${schema})`,
    command: options.sqlTool,
    args: ['--plugin', 'postgres12', '--endpoint', sql.host, '--port', String(sql.port), ...tls, ...command],
    cwd: options.folder.temporal,
    // The password goes by environment: an argument could be read by every user of the machine.
    env: { SQL_USER: sql.user, SQL_PASSWORD: sql.password, SQL_DATABASE: database, PATH: '/usr/bin:/bin', TZ: 'UTC' },
    logFile: join(options.folder.logs, `temporal-schema-${schema}.log`),
    stopSignal: 'SIGTERM',
    stopWithinMs: 5_000,
  });
}

async function ensureRole(admin: pg.Client, sql: SqlAccess): Promise<void> {
  const found = await admin.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [sql.user]);
  const verb = found.rowCount === 0 ? 'CREATE' : 'ALTER';
  const password = pg.escapeLiteral(sql.password);
  await admin.query(`${verb} ROLE ${quoted(sql.user)} LOGIN PASSWORD ${password}`);
  await admin.query(`GRANT ${quoted(sql.user)} TO CURRENT_USER`);
}

async function ensureDatabase(admin: pg.Client, database: string, owner: string): Promise<void> {
  const found = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
  if (found.rowCount === 0) await admin.query(`CREATE DATABASE ${quoted(database)} OWNER ${quoted(owner)}`);
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

function urlOf(sql: SqlAccess, database: string = sql.database): string {
  const mode = sql.tls === 'off' ? '' : `?sslmode=${sql.tls === 'verified' ? 'verify-full' : 'no-verify'}`;
  const login = `${encodeURIComponent(sql.user)}:${encodeURIComponent(sql.password)}`;
  return `postgresql://${login}@${sql.host}:${sql.port}/${database}${mode}`;
}

function quoted(name: string): string {
  return pg.escapeIdentifier(name);
}
