// Temporal connection: the door. Connecting, the namespace, and what the server at the other end can do.
export {
  describeMissing,
  isSupported,
  missingForStack,
  missingForTests,
  probeTemporal,
  requiredTemporal,
  type Capability,
  type TemporalCapabilities,
} from './capabilities.js';
export {
  connectTemporal,
  connectTemporalWorker,
  isLoopback,
  isWorkflowGone,
  wasUpdateRefused,
  wasWorkflowStarted,
  type TemporalClient,
} from './connect.js';
export { defaultRetentionDays, ensureNamespace } from './namespace.js';
export { ConfigError } from '../config/settings.js';
export { parseTemporalSecurity, type TemporalSecurity } from '../config/shared-settings.js';
export type { TemporalAddress } from './way.js';
