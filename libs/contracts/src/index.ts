// Contracts' one door: what crosses Temporal and what both sides of HTTP call by the same name.
export * from './account-terms.js';
export * from './ai-job.js';
export * from './failure-codec.js';
export * from './job-control.js';
export type { JobEvent, JobEventType } from '@fairmeter/domain';
export * from './problems.js';
export * from './purchases.js';
export * from './reported-job.js';
export * from './task-queues.js';
export * from './workflow-ids.js';
