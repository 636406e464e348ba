// Bench room, the bare side. All of its workflows, as its worker's bundle has them.
export { bareEntity } from './bare-entity.workflow.js';
export { bareJob } from './bare-job.workflow.js';
