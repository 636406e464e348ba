// Command line. Roles, database, migrations, rate cards, plans: everything a fresh Postgres needs, and nothing twice.
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
import { publishPlan, publishRateCard, recordsEntities } from '@fairmeter/records';
import { recordsMigrations } from '@fairmeter/records/migrations';
import type { DatabaseUrls } from '../stack/database-port.js';
import { readPlans } from './plan-files.js';
import { readRateCards } from './price-files.js';

export const DATABASE_NAME = 'fairmeter';

/** What a fresh database starts from, as people have reviewed it. */
export interface ReviewedFiles {
  readonly pricesFolder: string;
  readonly plansFolder: string;
}

export function reviewedFiles(checkout: string): ReviewedFiles {
  return { pricesFolder: join(checkout, 'prices'), plansFolder: join(checkout, 'plans') };
}

export interface ProvisionInput extends ReviewedFiles {
  readonly adminUrl: string;
  readonly database?: string;
  readonly passwords: RolePasswords;
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
    for (const plan of readPlans(input.plansFolder)) await entities.transaction((tx) => publishPlan(tx, plan));
  } finally {
    await entities.close();
  }
  return urls;
}

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
