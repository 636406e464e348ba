// Embedded Postgres: what a running server says of itself. Works on any server, also one that we did not start.
import pg from 'pg';

export interface PostgresReport {
  readonly version: string;
  /** `off` means that a power cut may lose what was committed. */
  readonly fsync: string;
}

export async function inspectPostgres(url: string): Promise<PostgresReport> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  // Without a listener a connection that breaks while idle would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<PostgresReport>(
      `SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync`,
    );
    return rows[0] ?? { version: 'unknown', fsync: 'unknown' };
  } finally {
    await client.end().catch(() => undefined);
  }
}
