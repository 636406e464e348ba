// Command line: `migrate`, everything a Postgres needs before API and worker may log in. Safe to run again: what is
// there stays, what is missing comes, passwords are set to what was given.
import { OWNER_ROLE, READER_ROLE, WRITER_ROLE, type RolePasswords } from '@fairmeter/platform/database';
import { createStateFolder } from '@fairmeter/platform/embedded';
import { REVIEWED_FILES } from '../database/index.js';
import { devFolder, withAdmin } from '../database/ledger-door.js';
import { DATABASE_NAME, keptPasswords, provisionAndMigrate } from '../database/provision.js';
import { SettingsError, type Environment } from '../settings.js';
import type { Terminal } from '../terminal/terminal.js';
import { readFlags, type Command } from './command.js';

export const migrate: Command = async (context) => {
  readFlags(context.args, []);
  const { settings, terminal } = context;
  const { databaseUrl } = settings.servers;
  if (databaseUrl !== undefined) {
    await migrateAt(databaseUrl, givenPasswords(settings.env), terminal);
    return 0;
  }
  const folder = devFolder(context);
  await withAdmin(context, { purpose: 'npm run migrate', mayInitialise: true }, ({ url }) => {
    createStateFolder(folder);
    return migrateAt(url, keptPasswords(folder.path), terminal);
  });
  return 0;
};

async function migrateAt(adminUrl: string, passwords: RolePasswords, terminal: Terminal): Promise<void> {
  await provisionAndMigrate({ adminUrl, passwords, ...REVIEWED_FILES });
  const { host } = new URL(adminUrl);
  terminal.line(`database ${DATABASE_NAME} at ${host}: roles, tables, rate cards and plans are in place`);
}

const variables = {
  [OWNER_ROLE]: 'FAIRMETER_OWNER_PASSWORD',
  [WRITER_ROLE]: 'FAIRMETER_WRITER_PASSWORD',
  [READER_ROLE]: 'FAIRMETER_READER_PASSWORD',
} as const satisfies Record<keyof RolePasswords, string>;

/** With DATABASE_URL the passwords are somebody's choice: API and worker, which log in with them, run elsewhere. */
export function givenPasswords(env: Environment): RolePasswords {
  const problems = Object.entries(variables)
    .filter(([, variable]) => (env[variable] ?? '') === '')
    .map(([role, variable]) => `${variable} is missing: the password that ${role} shall log in with`);
  if (problems.length > 0) throw new SettingsError(problems);
  const password = (role: keyof RolePasswords): string => env[variables[role]] ?? '';
  return {
    [OWNER_ROLE]: password(OWNER_ROLE),
    [WRITER_ROLE]: password(WRITER_ROLE),
    [READER_ROLE]: password(READER_ROLE),
  };
}
