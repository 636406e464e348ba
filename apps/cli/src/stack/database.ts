// Command line: the database commands of the stack. Promises what `database-port.ts` says.
import type { DatabaseCommands } from './database-port.js';

function notWired(what: string): never {
  throw new Error(`${what} is not wired: apps/cli/src/database provides it`);
}

export const database: DatabaseCommands = {
  provisionAndMigrate: () => notWired('provisionAndMigrate'),
  seedDemo: () => notWired('seedDemo'),
};
