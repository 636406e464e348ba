// What a job cost and why: one door. Pure: made from stored rows, entries and the pinned card, and from nothing else.
export * from './card-lines.js';
export * from './costed-job.js';
export * from './explain.js';
export * from './facts-and-notices.js';
export * from './not-charged.js';
export * from './parts.js';
export * from './refund-lane.js';
export * from './shown-credits.js';
export * from './totals.js';
