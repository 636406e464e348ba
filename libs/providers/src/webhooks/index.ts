// Providers' door to receivers of webhooks.
export * from './address-guard.js';
export * from './webhook-port.js';
