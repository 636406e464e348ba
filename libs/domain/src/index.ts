// The domain's one door. Pure decisions: no clock, no randomness, no IO.
export * from './metering/meters.js';
export * from './time/instant.js';
