// Activities room. What a request of the wire asks of the ledger's admission, with the names that it gets here.
import type { AdmitJobInput, JobRequest } from '@fairmeter/contracts';
import { requesterOf } from '@fairmeter/contracts';
import type { AdmissionWish, AdmitOrder, BotTerms } from '@fairmeter/domain';
import { instant, parseMicroCredits } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';

export function orderOf(input: AdmitJobInput, bot: BotTerms | null): AdmitOrder {
  const { request } = input;
  return {
    jobId: newId('job'),
    holdId: newId('hld'),
    keyHash: input.keyHash,
    bodyHash: input.bodyHash,
    workflowId: input.workflowId,
    runId: input.runId,
    traceParent: input.traceparent,
    requestKind: request.requestKind,
    promptRef: request.promptRef,
    contextRef: request.contextRef ?? null,
    threadId: request.threadId ?? null,
    wish: wishOf(request),
    bot: bot?.accountId === request.accountId ? bot : null,
    admitBefore: instant(input.admitBefore),
    requester: requesterOf(request.caller),
    marker: request.marker ?? null,
    campaignId: request.campaignId ?? null,
    byVisitor: request.caller.kind === 'visitor',
  };
}

function wishOf(request: JobRequest): AdmissionWish {
  return {
    model: request.model,
    maxIterations: request.maxIterations,
    maxCredits: request.maxMicroCredits === null ? null : parseMicroCredits(request.maxMicroCredits),
    promptBytes: request.promptBytes,
    contextBytes: request.contextBytes ?? 0,
    contextTokens: request.contextTokens ?? 0,
    deadline: request.deadline === undefined ? null : instant(request.deadline),
    extras: request.extras ?? {},
    reserve: request.reserve ?? 'rolling',
    mode: request.mode ?? 'managed',
  };
}
