// Domain room. Reconciliation's door.
export * from './drift.js';
export * from './alerts.js';
