// Embedded servers: the door. Postgres and Temporal for a checkout, started, remembered, ended and cleaned up.
export { openState, resetState, whoRuns, type OpenState, type OpenStateOptions } from './open-state.js';
export { choosePorts, isFree, PortTakenError, type PortWish } from './ports.js';
export { inspectPostgres, type PostgresReport } from './postgres/inspect.js';
export { postgresAccount, type SystemAccount } from './postgres/account.js';
export { preparePostgresHome, type PostgresHome } from './postgres/home.js';
export { findPostgresBinaries, NoPostgresBinariesError, type PostgresBinaries } from './postgres/binaries.js';
export { acquireLock, LockedError, lockHolder, type Lock, type LockHolder } from './processes/lock.js';
export { logTail, type ManagedProcess, type ProcessEnd, type ProcessSpec } from './processes/managed-process.js';
export { silentReporter, type Reporter } from './reporter.js';
export {
  noteRunning,
  providePostgres,
  provideTemporal,
  readRunning,
  settlePorts,
  type FixedPorts,
  type PostgresInUse,
  type ProvisionContext,
  type RunningStack,
  type ServersConfig,
  type StackPorts,
} from './servers.js';
export {
  createStateFolder,
  passwordFor,
  readMemory,
  remember,
  stateFolder,
  writePrivate,
  type Profile,
  type StateFolder,
  type StateMemory,
} from './state-folder.js';
export { StoppingError, Supervisor } from './supervisor.js';
export { defaultHistoryShards, temporalServerVersion } from './temporal/settings.js';
export {
  NoTemporalServerError,
  requiredGo,
  surveySources,
  type SourceSurvey,
  type SurveyOptions,
} from './temporal/sources.js';
export type { StartedTemporal } from './temporal/start.js';
