// Simulation, jobs. How a job ended, against its story: every reason needs its cause, and where nothing came over a job
// it ends as its agent brought it about.
import { unreachable, type EndReason } from '@fairmeter/domain';
import type { AttemptRow, JobRows, StepRow } from './job-rows.js';
import type { PlayedJob } from './played-job.js';
import { replyOf } from './replies.js';

const STATES: Readonly<Record<EndReason, readonly string[]>> = {
  finished: ['completed', 'completed_partial'],
  iterations_reached: ['completed_partial'],
  budget_reached: ['completed_partial', 'failed'],
  credits_exhausted: ['completed_partial', 'failed'],
  deadline_reached: ['completed_partial'],
  provider_failed: ['failed'],
  provider_refused: ['failed'],
  loop_detected: ['stopped_loop'],
  platform_failed: [],
  cancelled: ['cancelled'],
  idle: ['completed_partial'],
  workflow_lost: [],
};

export function endingDifferences(rows: JobRows, played: PlayedJob): string[] {
  const { job, holds, endedEvents, entries } = rows;
  const { result } = played;
  const reason = job.endReason as EndReason | null;
  if (reason === null) return [`it is still ${job.state}`];
  const found: string[] = [];
  const told = result?.outcome === 'ended' ? `${result.state} ${result.reason}` : String(result?.outcome);
  if (told !== `${job.state} ${reason}`) found.push(`its workflow told ${told}, its row says ${job.state} ${reason}`);
  if (!STATES[reason].includes(job.state)) found.push(`it ended ${job.state} for ${reason}`);
  if (endedEvents !== 1) found.push(`it ended ${endedEvents} times`);
  if (holds.length !== 1) found.push(`it has ${holds.length} holds`);
  if (holds.some(({ state, held }) => state === 'held' || held !== 0n) || job.held !== 0n) found.push('it still holds');
  if (entries.some(({ amount }) => amount <= 0n)) found.push('an entry moves nothing');
  const cause = causeOf(reason, rows, played);
  if (cause !== null) found.push(`it ended for ${reason}, but ${cause}`);
  return [...found, ...packingDifferences(rows), ...loopDifferences(rows)];
}

/** What speaks against the reason, or null. */
function causeOf(reason: EndReason, rows: JobRows, { story }: PlayedJob): string | null {
  const { job, steps } = rows;
  const needs = (holds: boolean, otherwise: string): string | null => (holds ? null : otherwise);
  switch (reason) {
    case 'finished':
      return story.program === 'reported' ? null : needs(isDone(rows), 'its last verdict is no approval');
    case 'iterations_reached':
      return needs(
        job.iteration === job.maxIterations && lastVerdict(steps)?.verdict === 'changes_requested',
        `iteration ${job.iteration} of ${job.maxIterations} was its last`,
      );
    case 'budget_reached':
      return needs(story.isTight || story.steers.some(({ act }) => act === 'budget'), 'its budget is large');
    case 'credits_exhausted':
      return needs(story.isPoor, 'its account is rich');
    case 'deadline_reached':
      return needs(job.deadline !== null && (job.endedAt ?? 0) >= job.deadline, 'its deadline had not come');
    case 'provider_failed':
      return needs(isSpent(rows, story, 'provider_failed'), 'its provider could have been asked again');
    case 'provider_refused':
      return needs(isSpent(rows, story, 'provider_refused'), 'its provider refused nothing');
    case 'loop_detected':
      return needs(
        rows.findings.some(({ action }) => action !== 'recorded'),
        'no loop was written down',
      );
    case 'cancelled':
      return needs(
        story.steers.some(({ act }) => act === 'cancel'),
        'nobody cancelled it',
      );
    case 'idle':
      return needs(story.program === 'reported', 'its agent is ours');
    case 'platform_failed':
      return 'a lost machine is no reason to give up';
    case 'workflow_lost':
      return 'nobody ended its workflow';
    default:
      return unreachable(reason);
  }
}

function isDone({ steps }: JobRows): boolean {
  const last = lastVerdict(steps);
  return last?.stage === 'answer' || last?.verdict === 'approved';
}

const lastVerdict = (steps: readonly StepRow[]): StepRow | undefined =>
  steps.filter(({ stage }) => ['answer', 'review', 'check', 'preview'].includes(stage)).at(-1);

const PROVIDER_TRIES = 5;

/** The step that ended the job is its last but for packing: whoever paid for files gets them, however it ended. */
function isSpent({ steps, attempts }: JobRows, story: PlayedJob['story'], reason: EndReason): boolean {
  const step = steps.findLast(({ stage }) => stage !== 'package');
  const last = attempts.filter(({ ordinal }) => ordinal === step?.ordinal).findLast(isFailed);
  if (last === undefined) return false;
  const reply = replyOf(story, last.ordinal, last.number);
  if (!('fault' in reply)) return false;
  if (reason === 'provider_refused') return reply.fault === 'bad_request';
  return reply.fault === 'unauthorized' || last.number >= PROVIDER_TRIES;
}

const isFailed = ({ state, chargeClass }: AttemptRow): boolean => state === 'ended' && chargeClass === 'platform_fault';

/** A job is packed once and of a workspace alone, and nothing follows its packing. */
function packingDifferences({ steps, job }: JobRows): string[] {
  const packings = steps.filter(({ stage }) => stage === 'package');
  if (packings.length === 0) return [];
  const found: string[] = [];
  if (packings.length > 1) found.push(`it was packed ${packings.length} times`);
  if (steps.at(-1)?.stage !== 'package') found.push(`step ${steps.at(-1)?.ordinal} came after the packing`);
  if (job.program !== 'workspace') found.push(`a job of the program ${job.program} was packed`);
  return found;
}

/** F10: first the spending stops. F11: only what was ours goes back, and of that only the repeats. */
function loopDifferences({ findings, steps, job, entries }: JobRows): string[] {
  const found: string[] = [];
  let refunded = 0n;
  for (const { cause, action, foundAtStep, amount, evidence } of findings) {
    const later = steps.filter(({ ordinal, stage }) => ordinal > foundAtStep && stage !== 'package');
    if (later.length > 0) found.push(`step ${later[0]?.ordinal} began after the loop of step ${foundAtStep}`);
    if (amount > 0n && (cause !== 'platform_fault' || action !== 'refunded')) {
      found.push(`a loop of cause ${cause} gave back ${amount}`);
    }
    const repeats = new Set(evidence.repeats.map(({ ordinal }) => ordinal));
    const others = steps.filter(
      ({ ordinal, paidFrom }) => !repeats.has(ordinal) && paidFrom.some(({ reversed }) => BigInt(reversed) > 0n),
    );
    if (others.length > 0) found.push(`step ${others[0]?.ordinal} was given back and is no repeat`);
    refunded += amount;
  }
  if (refunded !== job.refunded) found.push(`its loops gave back ${refunded}, the job ${job.refunded}`);
  const lanes = new Set(entries.filter(({ from }) => from.startsWith('consumed:')).map(({ operation }) => operation));
  if (lanes.size > findings.length) found.push(`credits came back ${lanes.size} times for ${findings.length} loops`);
  return found;
}
