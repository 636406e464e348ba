// Activities' one door: classes behind the contracts' interfaces, wired by the worker.
export { openActivities, type ActivitiesInUse } from './open-activities.js';
export { JobControlActivities } from './jobs/job-control.activities.js';
export { JobActivitiesOverLedger, type JobActivityParts } from './jobs/job.activities.js';
export { ReportedJobActivities } from './reported/reported-job.activities.js';
export { StepActivitiesOverPorts, type StepActivityParts } from './steps/step.activities.js';
