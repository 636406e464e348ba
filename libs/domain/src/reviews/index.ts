// Domain room. Usage reviews: what is reported, how a case goes on, what it is compared with.
export * from './analysis.js';
export * from './baseline.js';
export * from './details.js';
export * from './mail-sender.js';
export * from './mail.js';
export * from './own-words.js';
export * from './review.js';
