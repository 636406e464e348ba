// Providers' door to mail.
export * from './mail-port.js';
