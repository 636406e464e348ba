// Workflows room. What the loop detector and the ledger are told of a step that a bot's own agent did.
import type { EndReportedRequest, OpenReportedStep } from '@fairmeter/contracts';
import type { Meters, ObservedStep, StepSeen } from '@fairmeter/domain';
import { itemOf, meaningOf, movesContents, parseMicroCredits, usesModel, watchedNameOf } from '@fairmeter/domain';

const UNTOLD_CHARACTERS = 20;

/** A call is known by what began it and told by what ended it. */
export function seenOf(open: OpenReportedStep, request: EndReportedRequest): StepSeen {
  const { kind, name } = open;
  return {
    ...untoldOf(open, request),
    ...toldOf(open, request, watchedNameOf(kind, name)),
    ...resultOf(open, request),
    // What a check or a build misses, nobody looked up.
    ...(kind === 'tool_call' ? lookedUpOf(open, request) : {}),
  };
}

/** As it was seen before: a call by what its card calls it, and one that tells nothing with an artefact of its own. */
export function seenOnce(open: OpenReportedStep, request: EndReportedRequest): StepSeen {
  const { kind, name, step } = open;
  const { seen, green } = request;
  const isSilent = seen.resultHash === undefined && seen.errorFingerprint === undefined && green === null;
  return {
    ...(isSilent && !usesModel(kind) ? { artefactHash: `untold.${step}` } : {}),
    ...toldOf(open, request, itemOf(kind, name)),
    ...lookedUpOf(open, request),
  };
}

function toldOf(open: OpenReportedStep, { seen, green }: EndReportedRequest, name: string): StepSeen {
  const { kind, argsHash, stream } = open;
  return {
    // Of our own agents' steps silence means that the files stayed as they were; a bot's may mean anything.
    ...(seen.artefactHash === undefined ? { artefactUnknown: true } : {}),
    kind: meaningOf(kind).observed,
    ...(usesModel(kind) ? {} : { name }),
    ...(argsHash === null ? {} : { argsHash }),
    ...(stream === '' ? {} : { stream }),
    ...seen,
    ...(green === null ? {} : { green }),
  };
}

/**
 * Of a call that tells neither result nor error nor files nothing is known: it is the same as no other one, whatever
 * its job or thread, and what it answered may have been new.
 */
function untoldOf({ kind }: OpenReportedStep, { seen, green, bodyHash }: EndReportedRequest): Partial<StepSeen> {
  const { resultHash, errorFingerprint, artefactHash } = seen;
  const isTold = [resultHash, errorFingerprint, artefactHash].some((hash) => hash !== undefined) || green !== null;
  return isTold || usesModel(kind) ? {} : { resultHash: `untold.${bodyHash.slice(0, UNTOLD_CHARACTERS)}` };
}

/** White space and the form of JSON mean something in what a file holds, and nowhere else. */
function resultOf({ kind, name }: OpenReportedStep, { plainResultHash }: EndReportedRequest): Partial<StepSeen> {
  const isPlain = plainResultHash !== undefined && !movesContents(itemOf(kind, name));
  return isPlain ? { resultHash: plainResultHash } : {};
}

function lookedUpOf({ argsHash }: OpenReportedStep, { seen, lookUpFailed }: EndReportedRequest): Partial<StepSeen> {
  if (!lookUpFailed || argsHash === null) return {};
  return { errorFingerprint: `${seen.errorFingerprint ?? ''}.${argsHash}` };
}

export function lookAt(
  open: OpenReportedStep,
  seen: StepSeen,
  chargeMicroCredits: string,
): Omit<ObservedStep, 'jobId'> {
  const { step: ordinal, iteration } = open;
  return { ...seen, ordinal, iteration, charge: parseMicroCredits(chargeMicroCredits) };
}

/** Where a model was asked and no token told of, what the step was said to need bounds it (edge 48). */
export function isBounded(open: OpenReportedStep | undefined, { noUsage }: EndReportedRequest): boolean {
  return noUsage && open !== undefined && usesModel(open.kind);
}

export function metersOf(open: OpenReportedStep | undefined, request: EndReportedRequest): Meters {
  const { meters } = request;
  if (open === undefined || !isBounded(open, request)) return meters;
  const { inputTokens: input, outputTokens: output } = open.need;
  return { ...meters, input, output };
}
