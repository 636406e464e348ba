// Domain room. Grants by the platform: one door for the folder.
export * from './earning-rules.js';
export * from './grant.js';
