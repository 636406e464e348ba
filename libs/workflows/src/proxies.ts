// Workflows room. Every activity stub, built once with its policy.
import type { JobActivities, StepActivities } from '@fairmeter/contracts';
import { STEPS_QUEUE } from '@fairmeter/contracts';
import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import { LEDGER_WRITE, STEP } from './policies.js';

export const { admitJob, noteLoop, settleJob } = proxyLocalActivities<JobActivities>(LEDGER_WRITE);

/** On a queue of their own: eager dispatch would pass by its fairness and limits. */
export const { runStep } = proxyActivities<StepActivities>({ ...STEP, taskQueue: STEPS_QUEUE });
