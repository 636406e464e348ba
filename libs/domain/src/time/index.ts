// The door of the calendar, `@fairmeter/domain/time`. A door of its own: workflows come in by the domain's main one and
// must not carry time zone data into their bundle, where an answer would change with the release.
export * from './business-days.js';
export * from './calendar-month.js';
export * from './daily-period.js';
export * from './daily-terms.js';
export * from './day.js';
export * from './local-days.js';
export * from './month.js';
export * from './period-rule.js';
export * from './set-terms.js';
export * from './zone.js';
