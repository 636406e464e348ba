// Bench room, the stack. What decides the figures on the side of Postgres, as the server itself says it.
import { withClient } from '@fairmeter/platform/database';

const NAMES = [
  'server_version',
  'fsync',
  'synchronous_commit',
  'full_page_writes',
  'shared_buffers',
  'max_wal_size',
  'max_connections',
];

export async function postgresSettings(adminUrl: string): Promise<Readonly<Record<string, string>>> {
  return withClient(adminUrl, async (client) => {
    const { rows } = await client.query<{ name: string; value: string }>(
      'SELECT name, current_setting(name) AS value FROM unnest($1::text[]) AS name',
      [NAMES],
    );
    return Object.fromEntries(rows.map((row) => [row.name, row.value]));
  });
}
