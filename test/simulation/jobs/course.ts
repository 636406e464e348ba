// Simulation, jobs. How a story went, in a few words, for whoever has to find out why it went wrong.
import type { google, temporal } from '@temporalio/proto';
import { workflowIdOf } from '../../harness/admissions.js';
import type { JobRows } from './job-rows.js';
import type { JobsStage } from './jobs-stage.js';
import type { PlayedJob } from './played-job.js';
import { KEY } from './player.js';

/** Each try. */
export function courseOf({ steps, attempts }: JobRows): string {
  const stageOf = (of: number): string => steps.find(({ ordinal }) => ordinal === of)?.stage ?? 'nothing';
  return attempts
    .map(({ ordinal, number, state, chargeClass, fault }) =>
      [`${ordinal}.${number} ${stageOf(ordinal)} ${state}`, chargeClass, fault]
        .filter((word) => word !== null)
        .join(' '),
    )
    .join(', ');
}

const EVENTS_TOLD = 16;

/** The last events of its history, with the faults they carry. */
export async function lastSeen({ stack, losses }: JobsStage, { owner, jobId }: PlayedJob): Promise<string> {
  const handle = stack.temporal.client.workflow.getHandle(workflowIdOf(owner, KEY));
  const { events } = await handle.fetchHistory();
  const { raw } = await handle.describe();
  const told = (events ?? []).slice(-EVENTS_TOLD).map((event) => {
    const what = (event.attributes ?? 'nothing').replace('EventAttributes', '');
    const marker = event.markerRecordedEventAttributes?.failure;
    const task = event.workflowTaskFailedEventAttributes?.failure;
    const failure = event.activityTaskFailedEventAttributes?.failure ?? task ?? marker;
    const retried = event.activityTaskStartedEventAttributes?.lastFailure ?? undefined;
    const words = [String(event.eventId), what, faultOf(failure), faultOf(retried)];
    return words.filter((word) => word !== '').join(' ');
  });
  const hanging = jobId === null ? [] : losses.workingOn(jobId);
  return [...told, ...(raw.pendingActivities ?? []).map(pendingNow), ...hanging].join(', ');
}

/** An activity under way is in no history: where it stands, and what its last try came to. */
function pendingNow(activity: temporal.api.workflow.v1.IPendingActivityInfo): string {
  const { activityType, attempt, state, lastFailure } = activity;
  const begun = at(activity.lastStartedTime);
  const heard = at(activity.lastHeartbeatTime);
  const where = `state ${String(state)} try ${String(attempt)} begun ${begun} heard of ${heard}`;
  return `pending ${String(activityType?.name)} ${where} at ${new Date().toISOString()} ${faultOf(lastFailure)}`;
}

function at(time: google.protobuf.ITimestamp | null | undefined): string {
  return time ? new Date(Number(time.seconds) * 1_000).toISOString() : 'never';
}

function faultOf(failure: temporal.api.failure.v1.IFailure | null | undefined): string {
  if (failure === null || failure === undefined) return '';
  const { message, cause } = failure;
  return `(${message ?? 'no message'}${cause ? `: ${faultOf(cause)}` : ''})`;
}
