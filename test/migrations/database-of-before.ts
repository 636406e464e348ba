// Migration suites. A database as it was before a migration, with rows of then, brought to the present.
import { randomBytes } from 'node:crypto';
import { ledgerMigrations } from '@fairmeter/ledger/migrations';
import { runMigrations, withClient } from '@fairmeter/platform/database';
import { recordsMigrations } from '@fairmeter/records/migrations';
import { provisionBare } from '../harness/test-database.js';
import { testServers } from '../harness/test-servers.js';

const ALL = [...ledgerMigrations, ...recordsMigrations];
const timeOf = (name = ''): number => Number(/\d+$/.exec(name)?.[0]);

type Client = Parameters<Parameters<typeof withClient>[1]>[0];

export interface DatabaseOfBefore {
  readonly ownerUrl: string;
  drop(): Promise<void>;
}

/** `since`: the number of the migration that the rows are older than. */
export async function databaseOfBefore(
  since: number,
  writeRows: (client: Client) => Promise<void>,
): Promise<DatabaseOfBefore> {
  const name = `fm_before_${randomBytes(5).toString('hex')}`;
  const { ownerUrl } = await provisionBare(name);
  // What came later stands on it.
  await runMigrations(
    ownerUrl,
    ALL.filter((Migration) => timeOf(new Migration().name) < since),
  );
  await withClient(ownerUrl, writeRows);
  await runMigrations(ownerUrl, ALL);
  const { postgresAdminUrl } = testServers();
  return {
    ownerUrl,
    drop: async () => {
      await withClient(postgresAdminUrl, (admin) => admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
}

/** `acc_1`, in any state of the tables since plans have versions. */
export const AN_ACCOUNT = [
  `INSERT INTO records.plans (id, version, name, effective_from, scope, tier, custom, period_allowance,
    daily_allowance, credit_period, team_seats, features, max_iterations, max_concurrent_jobs, max_context_tokens,
    max_credits, max_deadline_ms, model_tiers, model_names, artefacts_allowed, artefact_max_files, artefact_max_bytes)
  VALUES ('plan_free', 1, 'free', now(), 'account', 0, false, 0, 0, 'P1M', 1, '{}', 1, 1, 1, 1, 1, '{standard}', '{}',
    false, 0, 0) ON CONFLICT DO NOTHING`,
  `INSERT INTO records.accounts (id, name, status, time_zone, plan_id)
  VALUES ('acc_1', 'A', 'active', 'UTC', 'plan_free')`,
];
