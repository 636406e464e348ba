// Bench room, the bare side. What the bare workflows, their worker and their client call by the same name.
import { defineUpdate } from '@temporalio/workflow';

/** A namespace of its own with the queue names of the product: every setting per queue holds for both sides. */
export const BARE_NAMESPACE = 'bench-bare';
export const BARE_WORKFLOW = 'bareJob';
export const BARE_ENTITY = 'bareEntity';

export const bareAdmit = defineUpdate<string>('admit');
