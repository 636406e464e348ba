// Activities' one door: classes behind the contracts' interfaces, wired by the worker.
export { JobActivitiesOverLedger, type JobActivityParts } from './jobs/job.activities.js';
export { StepActivitiesOverModels, type StepActivityParts } from './steps/step.activities.js';
