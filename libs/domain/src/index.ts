// The domain's one door. Pure decisions: no clock, no randomness, no IO.
export * from './amounts/division.js';
export * from './amounts/micro-credits.js';
export * from './failures/exhaustive.js';
export * from './failures/invariant.js';
export * from './failures/refusal.js';
export * from './jobs/job.js';
export * from './metering/meters.js';
export * from './time/instant.js';
