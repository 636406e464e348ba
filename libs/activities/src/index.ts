// Activities' one door: classes behind the contracts' interfaces, wired by the worker.
export type {
  AwaitedSubscription,
  LostCompensation,
  LostRequest,
  LostSubscription,
  UntoldPlan,
} from '@fairmeter/records';
export { openActivities, type ActivitiesInUse } from './open-activities.js';
export { JobControlActivities } from './jobs/job-control.activities.js';
export { JobActivitiesOverLedger, type JobActivityParts } from './jobs/job.activities.js';
export type { AwaitedStep, OpenWorkflows, WorkflowName, WorkflowsAsked } from './reconcile/workflows-asked.js';
export { ReportedJobActivities } from './reported/reported-job.activities.js';
export { readAdvice } from './tips/job-advice.js';
export { StepActivitiesOverPorts, type StepActivityParts } from './steps/step.activities.js';
