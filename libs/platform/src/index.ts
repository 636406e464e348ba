// Platform's door: configuration, logger, metrics, tracing, clock. Database, Temporal and the embedded servers have
// doors of their own, so that nobody loads them by accident.
export { systemClock, type Clock } from './clock/clock.js';
export * from './config/index.js';
export { isError } from './errors/is-error.js';
export * from './logging/index.js';
export * from './metrics/index.js';
export { seal, unseal } from './secrets/sealed.js';
export * from './tracing/index.js';
