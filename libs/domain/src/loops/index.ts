// The loop detector: one door. Pure: the same steps give the same findings, live, in one batch and on replay.
export * from './finding.js';
export * from './judgement.js';
export * from './observe-raw.js';
export * from './observed-step.js';
export { smallDigest } from './normalise/digest.js';
export { normaliseErrorText } from './normalise/error-text.js';
export * from './policy.js';
export * from './refund.js';
export * from './thread.js';
export * from './watch.js';
