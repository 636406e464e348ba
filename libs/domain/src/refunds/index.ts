// Domain room. What staff give back: one door for the folder.
export * from './compensation.js';
export * from './correction.js';
