// Platform's configuration: one schema for each process, parsed once.
export { parseApiConfig, type ApiConfig } from './api-config.js';
export { describeConfig } from './describe-config.js';
export type { GrantSettings } from './grant-settings.js';
export { safeUrl, type IssuerSettings, type StaffClaim } from './issuer-settings.js';
export type { LoopSettings } from './loop-settings.js';
export type { ReconcileSettings } from './reconcile-settings.js';
export { ConfigError, type Environment } from './settings.js';
export type { LogLevel, SharedConfig, TemporalSettings } from './shared-settings.js';
export type { InboundMailSettings } from './inbound-mail-settings.js';
export { secretBytes, type TokenKey, type TrustedProxies, type VisitorSettings } from './visitor-settings.js';
export { sealingKeyOf, type MailSettings, type WebhookSettings } from './webhook-settings.js';
export { parseWorkerConfig, type ProviderSettings, type WorkerConfig } from './worker-config.js';
