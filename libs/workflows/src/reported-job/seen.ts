// Workflows room. What the loop detector and the ledger are told of a step that a bot's own agent did.
import type { EndReportedRequest, OpenReportedStep } from '@fairmeter/contracts';
import type { Meters, ObservedStep, StepSeen } from '@fairmeter/domain';
import { itemOf, meaningOf, parseMicroCredits, usesModel } from '@fairmeter/domain';

/** A call is known by what began it and told by what ended it. */
export function seenOf(open: OpenReportedStep, { seen, green, lookUpFailed }: EndReportedRequest): StepSeen {
  const { kind, name, argsHash, stream, step } = open;
  const { errorFingerprint } = seen;
  // Of a call that tells neither result nor error nor files nothing is known: it is not taken for the same as another.
  const isSilent = seen.resultHash === undefined && errorFingerprint === undefined && green === null;
  return {
    ...(isSilent && !usesModel(kind) ? { artefactHash: `untold.${step}` } : {}),
    // Of our own agents' steps silence means that the files stayed as they were; a bot's may mean anything.
    ...(seen.artefactHash === undefined ? { artefactUnknown: true } : {}),
    kind: meaningOf(kind).observed,
    ...(usesModel(kind) ? {} : { name: itemOf(kind, name) }),
    ...(argsHash === null ? {} : { argsHash }),
    ...(stream === '' ? {} : { stream }),
    ...seen,
    ...(lookUpFailed && argsHash !== null ? { errorFingerprint: `${errorFingerprint ?? ''}.${argsHash}` } : {}),
    ...(green === null ? {} : { green }),
  };
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
