// Test harness. A database of its own for every spec file, cloned from one migrated template in some 50 ms.
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  OWNER_ROLE,
  provisionDatabase,
  READER_ROLE,
  withClient,
  withDatabase,
  withLogin,
  WRITER_ROLE,
  type RolePasswords,
} from '@fairmeter/platform/database';
import { provisionAndMigrate, reviewedFiles } from '../../apps/cli/src/database/provision.js';
import { CHECKOUT } from './checkout.js';
import { testServers } from './test-servers.js';

export interface TestDatabase {
  readonly name: string;
  readonly adminUrl: string;
  readonly ownerUrl: string;
  readonly writerUrl: string;
  readonly readerUrl: string;
  drop(): Promise<void>;
}

const PASSWORDS: RolePasswords = {
  [OWNER_ROLE]: 'owner-of-tests',
  [WRITER_ROLE]: 'writer-of-tests',
  [READER_ROLE]: 'reader-of-tests',
};
const TEMPLATE_LOCK = 7_105_009;

export async function openTestDatabase(): Promise<TestDatabase> {
  const { postgresAdminUrl } = testServers();
  const name = `fm_test_${randomBytes(6).toString('hex')}`;
  const template = await migratedTemplate(postgresAdminUrl);
  await withClient(postgresAdminUrl, (admin) => admin.query(`CREATE DATABASE ${name} TEMPLATE ${template}`));
  const adminUrl = withDatabase(postgresAdminUrl, name);
  return {
    name,
    adminUrl,
    ownerUrl: withLogin(adminUrl, OWNER_ROLE, PASSWORDS[OWNER_ROLE]),
    writerUrl: withLogin(adminUrl, WRITER_ROLE, PASSWORDS[WRITER_ROLE]),
    readerUrl: withLogin(adminUrl, READER_ROLE, PASSWORDS[READER_ROLE]),
    drop: async () => {
      await withClient(postgresAdminUrl, (admin) => admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
}

/** An empty database with roles and no tables, for tests of the migrations themselves. */
export async function provisionFresh(name: string): Promise<Awaited<ReturnType<typeof provisionAndMigrate>>> {
  const { postgresAdminUrl } = testServers();
  return provisionAndMigrate({
    adminUrl: postgresAdminUrl,
    database: name,
    passwords: PASSWORDS,
    ...reviewedFiles(CHECKOUT),
  });
}

/** With the roles and nothing else: its owner may run as many of the migrations as a test wants. */
export async function provisionBare(name: string): Promise<{ readonly ownerUrl: string }> {
  const { postgresAdminUrl: adminUrl } = testServers();
  await provisionDatabase({ adminUrl, database: name, passwords: PASSWORDS });
  return { ownerUrl: withLogin(withDatabase(adminUrl, name), OWNER_ROLE, PASSWORDS[OWNER_ROLE]) };
}

/** Named after what it is made from, so that a changed migration makes another one; made by whoever comes first. */
async function migratedTemplate(adminUrl: string): Promise<string> {
  const name = `fm_template_${sourceHash()}`;
  await withClient(adminUrl, async (admin) => {
    await admin.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    const found = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount !== 0) return;
    const half = `${name}_half`;
    await admin.query(`DROP DATABASE IF EXISTS ${half} WITH (FORCE)`);
    await provisionFresh(half);
    await admin.query(`ALTER DATABASE ${half} RENAME TO ${name}`);
  });
  return name;
}

function sourceHash(): string {
  const hash = createHash('sha256');
  const folders = ['libs/ledger/src/migrations', 'libs/records/src/migrations', 'prices', 'plans'].map((folder) =>
    join(CHECKOUT, folder),
  );
  const files = folders.flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)));
  files.push(join(CHECKOUT, 'apps/cli/src/database/provision.ts'));
  for (const file of files.sort()) if (statSync(file).isFile()) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}
