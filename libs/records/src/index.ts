// Records' one door: all that is not money.
export * from './accounts.js';
export * from './artefacts.js';
export * from './audit.js';
export * from './bots.js';
export * from './incidents.js';
export * from './kept-answers.js';
export * from './plans.js';
export * from './quotes.js';
export type { PublishedCard } from './rate-cards-body.js';
export * from './rate-cards.js';
export { recordsEntities } from './rows/index.js';
export * from './texts.js';
export * from './unpacked-jobs.js';
export * from './workers.js';
export * from './workspace-files.js';
export * from './workspace-sweep.js';
export * from './workspaces.js';
