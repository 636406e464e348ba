// Command line: the database commands of the stack, as `database-port.ts` says.
export { database } from '../database/index.js';
