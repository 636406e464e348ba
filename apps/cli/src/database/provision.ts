// Command line. Roles, database, migrations and rate cards: everything a fresh Postgres needs, and nothing twice.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ledgerMigrations } from '@fairmeter/ledger/migrations';
import { ledgerEntities } from '@fairmeter/ledger/reads';
import {
  EntityDatabase,
  OWNER_ROLE,
  provisionDatabase,
  READER_ROLE,
  runMigrations,
  withDatabase,
  withLogin,
  WRITER_ROLE,
  type RolePasswords,
} from '@fairmeter/platform/database';
import { publishRateCard, recordsEntities } from '@fairmeter/records';
import { recordsMigrations } from '@fairmeter/records/migrations';
import type { DatabaseUrls } from '../stack/database-port.js';
import { readRateCards } from './price-files.js';

export const DATABASE_NAME = 'fairmeter';

export interface ProvisionInput {
  readonly adminUrl: string;
  readonly database?: string;
  readonly passwords: RolePasswords;
  readonly pricesFolder: string;
}

export async function provisionAndMigrate(input: ProvisionInput): Promise<DatabaseUrls> {
  const { adminUrl, passwords, database = DATABASE_NAME } = input;
  await provisionDatabase({ adminUrl, database, passwords });
  const base = withDatabase(adminUrl, database);
  const urls = {
    ownerUrl: withLogin(base, OWNER_ROLE, passwords[OWNER_ROLE]),
    writerUrl: withLogin(base, WRITER_ROLE, passwords[WRITER_ROLE]),
    readerUrl: withLogin(base, READER_ROLE, passwords[READER_ROLE]),
  };
  await runMigrations(urls.ownerUrl, [...ledgerMigrations, ...recordsMigrations]);
  const entities = await openEntities(urls.writerUrl);
  try {
    for (const card of readRateCards(input.pricesFolder)) {
      await entities.transaction((tx) => publishRateCard(tx, card));
    }
    await entities.manager.query(PLANS);
  } finally {
    await entities.close();
  }
  return urls;
}

/** The sample plans of requirements 2.5. */
const PLANS = `INSERT INTO records.plans (id, name, max_iterations, max_concurrent_jobs) VALUES
  ('plan_free', 'free', 5, 1), ('plan_standard', 'standard', 25, 5), ('plan_premium', 'premium', 100, 20)
  ON CONFLICT (id) DO NOTHING`;

export async function openEntities(writerUrl: string): Promise<EntityDatabase> {
  return EntityDatabase.open({
    url: writerUrl,
    maxConnections: 2,
    entities: [...ledgerEntities, ...recordsEntities],
    applicationName: 'fairmeter-cli',
  });
}

/** Made once per state folder and kept there, private to its owner, so that a restart finds its own roles. */
export function keptPasswords(folder: string): RolePasswords {
  const file = join(folder, 'database-roles.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as RolePasswords;
  const secret = (): string => randomBytes(24).toString('base64url');
  const passwords: RolePasswords = { [OWNER_ROLE]: secret(), [WRITER_ROLE]: secret(), [READER_ROLE]: secret() };
  writeFileSync(file, JSON.stringify(passwords), { mode: 0o600 });
  return passwords;
}
