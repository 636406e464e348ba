// Contracts room. Workflow ids come from the caller and its key, so that a repeated request meets the same workflow.
export const AI_JOB_WORKFLOW = 'aiJob';

/** `keyHash` is 64 hex characters; ids of the server are capped at 255. */
export function jobWorkflowId(keyHash: string): string {
  return `job/${keyHash}`;
}

/** The first request of a body; the server answers a finished update id before it looks at anything else. */
export function admitUpdateId(bodyHash: string): string {
  return `admit/${bodyHash}`;
}

/** The second try after a stored refusal of `closedRunId` turned out to be older than the request. */
export function admitAgainUpdateId(bodyHash: string, closedRunId: string): string {
  return `admit/${bodyHash}/${closedRunId}`;
}
