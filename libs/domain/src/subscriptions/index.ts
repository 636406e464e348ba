// The door of the subscriptions that needs the calendar, `@fairmeter/domain/subscriptions`. Workflows do not come in by
// it: a local activity asks `advance` and its answer is recorded. What they carry is at the domain's main door.
export * from './advance.js';
export type { SubscriptionGround } from './draft.js';
export { reckonsAhead } from './periods.js';
export * from './preview.js';
