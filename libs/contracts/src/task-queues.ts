// Contracts room. Task queues by name. Steps have a queue of their own: eager dispatch never bypasses its fairness.
export const JOBS_QUEUE = 'fairmeter-jobs';
export const STEPS_QUEUE = 'fairmeter-steps';
