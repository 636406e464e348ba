// Domain room. Incidents: one door for the folder.
export * from './incident.js';
