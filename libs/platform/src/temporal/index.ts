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
  type TemporalAddress,
  type TemporalClient,
} from './connect.js';
export { defaultRetentionDays, ensureNamespace } from './namespace.js';
