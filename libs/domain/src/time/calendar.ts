// Domain room, calendar. The one import of the calendar package. `implementation` and not the main entry, which hands
// out the Temporal of the runtime where there is one: an answer must not change with the Node version that gives it.
export { Temporal } from 'temporal-polyfill/implementation';
