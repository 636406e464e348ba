// Ledger's reading door: what the API may use. Nothing here writes.
export * from './job-views.js';
export * from './job.reads.js';
export { ledgerEntities } from '../rows/index.js';
export { OUTBOX_CHANNEL } from '../store/outbox-channel.js';
