// Command line. The database side of the stack, as the stack asks for it.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DatabaseCommands } from '../stack/database-port.js';
import { seedMembers } from './demo-members.js';
import { keptPasswords, provisionAndMigrate, reviewedFiles } from './provision.js';
import { seedDemo } from './seed-demo.js';
import { grantCredits, openTrial } from './trial-account.js';

export const REVIEWED_FILES = reviewedFiles(fileURLToPath(new URL('../../../../', import.meta.url)));

export const database: DatabaseCommands = {
  provisionAndMigrate: ({ adminUrl, state }) =>
    provisionAndMigrate({ adminUrl, passwords: keptPasswords(state.path), ...REVIEWED_FILES }),
  seedDemo: ({ writerUrl, state, takesPayments }) =>
    seedDemo({ writerUrl, keysFile: join(state.path, 'demo-keys.json'), takesPayments }),
  seedMembers,
  openTrial,
  grantCredits,
};
