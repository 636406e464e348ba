// Ledger's reading door: what the API may use. Nothing here writes.
export * from './credits-views.js';
export * from './credits.reads.js';
export * from './entries.reads.js';
export { readJobCost, readJobToExplain, readRefunds } from './job-cost.reads.js';
export type { ExplainedJobView } from './job-cost.reads.js';
export * from './job-list.reads.js';
export * from './job-views.js';
export * from './job.reads.js';
export * from './lots.reads.js';
export * from './result.reads.js';
export * from './scope-point.js';
export * from './spendable.reads.js';
export { findOpenAttempt, findStep, readStepsPage } from './steps.reads.js';
export type { StepsPage, StepsQuery } from './steps.reads.js';
export * from './thread.reads.js';
export * from './timeline.reads.js';
export { ledgerEntities } from '../rows/index.js';
export { OUTBOX_CHANNEL } from '../store/outbox-channel.js';
