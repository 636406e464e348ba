// Simulation, jobs. What was done, against the script: every call of a provider had a hold and is one attempt, what the
// provider told is what was metered, and nothing is billable that was a fault or that nobody did.
import { parseCredits, type Meters, type RateCard } from '@fairmeter/domain';
import type { ScriptedReply } from '@fairmeter/providers';
import type { AttemptRow, JobRows, StepRow } from './job-rows.js';
import type { PlayedJob } from './played-job.js';
import type { ProviderCall } from './providers.js';
import { replyOf } from './replies.js';

const POOLS = ['input', 'cachedInput', 'cacheWrite', 'output', 'reasoning'] as const;

export function workDifferences(
  rows: JobRows,
  played: PlayedJob,
  { calls, card }: { readonly calls: readonly ProviderCall[]; readonly card: RateCard },
): string[] {
  const { attempts, steps } = rows;
  const found = played.story.program === 'reported' ? [] : callDifferences(rows, calls, card);
  for (const attempt of attempts) {
    const step = steps.find(({ ordinal }) => ordinal === attempt.ordinal);
    if (step === undefined) found.push(`attempt ${placeOf(attempt)} is of no step`);
    else found.push(...attemptDifferences(attempt, step, played));
  }
  for (const step of steps) {
    const mine = attempts.filter(({ ordinal }) => ordinal === step.ordinal);
    const numbers = mine.map(({ number }) => number).join();
    const wanted = mine.map((_, index) => index + 1).join();
    if (mine.length === 0 || numbers !== wanted) found.push(`step ${step.ordinal} has the attempts ${numbers}`);
    if (step.state === 'running') found.push(`step ${step.ordinal} still runs`);
  }
  return found;
}

const placeOf = ({ ordinal, number }: AttemptRow): string => `${ordinal}.${number}`;

/** `job.no-provider-call-without-hold`, and no attempt was asked for twice. */
function callDifferences(
  { started, attempts, steps }: JobRows,
  calls: readonly ProviderCall[],
  card: RateCard,
): string[] {
  const found: string[] = [];
  const asked = new Set<string>();
  for (const { ordinal, attempt, maxOutputTokens } of calls) {
    const place = `${ordinal}.${attempt}`;
    if (asked.has(place)) found.push(`the provider was asked twice for attempt ${place}`);
    asked.add(place);
    const begun = started.find((event) => event.step === ordinal && event.attempt === attempt);
    const model = steps.find((step) => step.ordinal === ordinal)?.model;
    const rate = card.models.find((price) => price.model === model)?.rates.output ?? 0n;
    const longest = (BigInt(maxOutputTokens) * rate) / 1_000_000n;
    const held = parseCredits(begun?.held ?? '0') ?? 0n;
    if (begun === undefined) found.push(`the provider was asked for attempt ${place} that never began`);
    else if (held < longest) found.push(`attempt ${place} was asked for ${longest} with ${held} held`);
  }
  for (const attempt of attempts) {
    const isOfModel = steps.some(({ ordinal, model }) => ordinal === attempt.ordinal && model !== null);
    const isPaid = attempt.chargeClass === 'billable' && isOfModel;
    if (isPaid && !asked.has(placeOf(attempt))) found.push(`attempt ${placeOf(attempt)} is billable, nobody was asked`);
  }
  return found;
}

function attemptDifferences(attempt: AttemptRow, step: StepRow, played: PlayedJob): string[] {
  const here = `attempt ${placeOf(attempt)}`;
  if (attempt.state === 'open' || attempt.chargeClass === null) return [`${here} is still open`];
  const isPaid = attempt.chargeClass === 'billable';
  if (isPaid && attempt.state !== 'ended') return [`${here} is billable and was ${attempt.state}`];
  if (played.story.program === 'reported') return toldDifferences(attempt, played.told.get(placeOf(attempt)));
  if (step.model === null) return [];
  const reply = replyOf(played.story, attempt.ordinal, attempt.number);
  if (attempt.fault === 'cancelled') return cancelDifferences(attempt, reply);
  if (isPaid && 'fault' in reply) return [`${here} is billable, its provider failed: ${reply.fault}`];
  if (isPaid && !('fault' in reply)) return usageDifferences(attempt, reply.usage);
  if (attempt.state !== 'ended') return [];
  const wanted = 'fault' in reply ? reply.fault : 'none';
  return attempt.fault === wanted ? [] : [`${here} ended with ${String(attempt.fault)}, scripted was ${wanted}`];
}

/** Cut short it may have used less than the script says, never more where its provider counts. */
function cancelDifferences(attempt: AttemptRow, reply: ScriptedReply): string[] {
  const isPaid = attempt.chargeClass === 'billable';
  return isPaid && 'fault' in reply && reply.text === undefined
    ? [`attempt ${placeOf(attempt)} was stopped and is billable, its provider had nothing to tell`]
    : [];
}

function usageDifferences(attempt: AttemptRow, usage: Pick<Meters, (typeof POOLS)[number]> | null): string[] {
  const here = `attempt ${placeOf(attempt)}`;
  if (usage === null) return attempt.unmetered ? [] : [`${here} is metered, its provider told no use`];
  return POOLS.filter((pool) => attempt[pool] !== BigInt(usage[pool])).map(
    (pool) => `${here} used ${attempt[pool]} ${pool}, its provider told ${usage[pool]}`,
  );
}

function toldDifferences(attempt: AttemptRow, told: Partial<Meters> | undefined): string[] {
  if (told === undefined || attempt.state !== 'ended') return [];
  return POOLS.filter((pool) => attempt[pool] !== BigInt(told[pool] ?? 0)).map(
    (pool) => `attempt ${placeOf(attempt)} used ${attempt[pool]} ${pool}, its bot told ${told[pool] ?? 0}`,
  );
}
