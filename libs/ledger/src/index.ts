// Ledger's writing door: for activities and the operator's commands. The API enters by `@fairmeter/ledger/reads`.
export { auditLedger, describeAudit, type AuditReport, type CheckReport } from './audit/audit.js';
export * from './outbox/outbox-feed.js';
export * from './postings/forgotten-requests.js';
export * from './postings/job-control-ledger.js';
export * from './postings/lot-ledger.js';
export * from './postings/job-ledger.js';
export * from './postings/reported-ledger.js';
export * from './postings/subscription-ledger.js';
export * from './postings/terms-ledger.js';
export * from './store/ledger-store.js';
export type { PostOutcome } from './store/post.js';
