// Domain's rules of bots and of the keys that speak for them.
export * from './bot-setup.js';
export * from './guide.js';
export * from './key-life.js';
export * from './publication-questions.js';
export * from './publication.js';
