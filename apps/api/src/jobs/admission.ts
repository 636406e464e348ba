// API room. The admission protocol from the door's side: look, say a clear no, else ask the workflow, never write
// money.
import type { AdmitAnswer, AiJobInput, PaidRequest } from '@fairmeter/contracts';
import { admitAgainUpdateId, admitUpdateId, unpackRefusal } from '@fairmeter/contracts';
import type { AdmissionWish, Refusal, RequestKind } from '@fairmeter/domain';
import { accountScopeIn, decideAdmission, formatMicroCredits, instant, openBeside, usualKind } from '@fairmeter/domain';
import type { JobView } from '@fairmeter/ledger/reads';
import { findJob, findJobByKeyHash } from '@fairmeter/ledger/reads';
import type { ApiConfig, Clock, HttpMetrics, Logger } from '@fairmeter/platform';
import type { EntityManager, Tenant } from '@fairmeter/platform/database';
import { newId, TenantDatabase } from '@fairmeter/platform/database';
import { contextRef, noteVisitorJob, promptRef, readBotForAdmission, saveText } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import { botOf, jobCallerOf, tenantOf } from '../callers/caller.js';
import { environmentOfAsking } from '../callers/environment.js';
import { ProblemError } from '../problems/problem-error.js';
import { readNamedQuote } from '../quotes/named-quote.js';
import { againstTwins } from '../requests/against-twins.js';
import { API_CLOCK, API_CONFIG, API_LOGGER, API_METRICS } from '../tokens.js';
import { hiddenAsked, hiddenOf } from '../visitors/hidden.js';
import { AdmissionClient, AdmissionUnknown } from './admission-client.js';
import { bodyHash, callerName, keyHash } from './admission-hashes.js';
import { decidePaid } from './admission-payer.js';
import type { Measured } from './admission-wish.js';
import { contextBody, countText, isCountedAtOnce, measure, standsUncounted, wishOf } from './admission-wish.js';
import { isStaleRefusal } from './stale-refusal.js';
import type { SubmitBody } from './submit-body.js';
import { toldRefusal } from './told-refusal.js';

export interface Submit {
  readonly caller: Caller;
  /** The bot that is to work: the key's own, or any that an account's key names. */
  readonly botId: string;
  readonly idempotencyKey: Uint8Array;
  readonly body: SubmitBody;
  readonly traceparent: string;
}

export interface Submitted {
  readonly job: JobView;
  readonly replayed: boolean;
}

/** One submit on its way. `askId` is ours alone: a caller's request id may repeat, and staleness must not be fooled. */
interface Asking extends Submit {
  readonly keyHash: string;
  readonly bodyHash: string;
  readonly askId: string;
  readonly arrivedAt: number;
  readonly measured: Measured;
}

/** What a request becomes once its bot is known. */
interface Wanted {
  readonly requestKind: RequestKind;
  readonly wish: AdmissionWish;
  /** The hash of the words, by which a repeated request is known as one. */
  readonly asked: string;
  /** Whose lots would pay, in whose line it waits; null where it is not decided yet. */
  readonly scopeId: string | null;
}

@Injectable()
export class Admission {
  constructor(
    private readonly database: TenantDatabase,
    private readonly temporal: AdmissionClient,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(API_CLOCK) private readonly clock: Clock,
    @Inject(API_METRICS) private readonly metrics: HttpMetrics,
    @Inject(API_LOGGER) private readonly logger: Logger,
  ) {}

  async submit(submit: Submit): Promise<Submitted> {
    try {
      const submitted = await this.ask(submit);
      this.metrics.admissions.inc({ outcome: submitted.replayed ? 'replayed' : 'admitted' });
      return submitted;
    } catch (error) {
      this.metrics.admissions.inc({ outcome: error instanceof ProblemError ? error.code : 'broken' });
      throw error;
    }
  }

  private async ask(submit: Submit): Promise<Submitted> {
    const { caller, botId, body } = submit;
    const asking: Asking = {
      ...submit,
      keyHash: keyHash({ accountId: caller.accountId, botId }, submit.idempotencyKey, callerName(jobCallerOf(caller))),
      bodyHash: this.hashOf(submit),
      askId: newId('req'),
      arrivedAt: this.clock.now(),
      measured: measure(body, this.config.inputLimitBytes),
    };
    const found = await this.lookUp(asking);
    if ('job' in found) return { job: sameBody(found.job, asking), replayed: true };
    const input = jobInput(asking, found);
    try {
      return await this.readBack(asking, await this.askWorkflow(asking, { input, scopeId: found.scopeId }));
    } catch (error) {
      if (!(error instanceof AdmissionUnknown)) throw error;
      return await this.lastLook(asking, error);
    }
  }

  /** Of somebody's words nobody may be able to tell, once they are erased, whether they were these (edge 66). */
  private hashOf({ caller, botId, body }: Submit): string {
    const hash = bodyHash(body);
    return isSomebody(caller) ? hiddenOf(this.config, 'request', `${botId}\n${hash}`) : hash;
  }

  /** A long request is counted between two looks, and only where the first one found neither its job nor a no. */
  private async lookUp(asking: Asking): Promise<{ job: JobView } | Wanted> {
    const { measured } = asking;
    if (!isCountedAtOnce(measured)) {
      const found = await this.look(asking, null);
      if ('job' in found) return found;
    }
    const tokens = await countText(measured.text);
    const found = await againstTwins(async () => this.look(asking, tokens));
    const { caller } = asking;
    if (!('job' in found) && caller.kind === 'visitor') {
      await againstTwins(async () =>
        this.database.asTenant(tenantOf(caller), async (tx) => saveWords(tx, asking, found.asked)),
      );
    }
    return found;
  }

  /**
   * One snapshot answers both: is the job there already, and if not, is there a clear no? Where neither, the prompt is
   * kept in the same transaction, before the workflow can need it: its id comes from the request, so that a repeated
   * one writes nothing new. Nothing is kept of a request that is not counted yet. For a visitor it is the bot that
   * looks, at what the visitor must not see: the visitor's own words are kept by the visitor, right after.
   */
  private async look(asking: Asking, tokens: number | null): Promise<{ job: JobView } | Wanted> {
    const { botId, caller } = asking;
    const tenant = caller.kind === 'visitor' ? botOf(caller) : botTenant(asking);
    return this.database.asTenant(tenant, async (tx) => {
      const job = await findJobByKeyHash(tx, asking.keyHash);
      if (job !== null) return { job };
      const at = instant(asking.arrivedAt);
      const bot = await readBotForAdmission(tx, botId, at);
      if (bot === null) throw refused({ code: 'bot_not_found' }, asking);
      const { body, measured } = asking;
      const requestKind = body.request_kind ?? usualKind(bot.type);
      const asked = hiddenAsked(this.config, requestKind, measured.text);
      const quote = await readNamedQuote(tx, { quoteId: body.quote_id, botId, requestKind, askedHash: asked, at });
      if (!quote.ok) throw refused(quote.refusal, asking);
      const wish = wishOf(body, measured, tokens ?? 0);
      const byVisitor = caller.kind === 'visitor';
      const forPayer = { request: paidRequest(asking), bot, at };
      const decision = await decidePaid(tx, forPayer, ({ reach, visitorPlan, ...open }) => {
        const openJobs = openBeside(open, byVisitor);
        return decideAdmission({ bot, wish, reach, openJobs, now: at, byVisitor, visitorPlan, quote: quote.value });
      });
      if (!decision.ok && (tokens !== null || standsUncounted(decision.refusal))) {
        throw refused(decision.refusal, asking);
      }
      if (tokens !== null && !byVisitor) await saveWords(tx, asking, asked);
      return { requestKind, wish, asked, scopeId: decision.ok ? decision.value.scopeId : null };
    });
  }

  private async askWorkflow(asking: Asking, started: Started): Promise<AdmitAnswer> {
    const answer = await this.call(asking, started, admitUpdateId(asking.bodyHash));
    if (!isStaleRefusal(answer, asking)) return answer;
    return this.call(asking, started, admitAgainUpdateId(asking.bodyHash, answer.runId));
  }

  private async call(asking: Asking, { input, scopeId }: Started, updateId: string): Promise<AdmitAnswer> {
    return this.temporal.admit({
      input,
      updateId,
      request: {
        bodyHash: asking.bodyHash,
        admitBefore: this.clock.now() + this.config.admitWithinMs,
        requestId: asking.askId,
      },
      deadline: asking.arrivedAt + this.config.admitDeadlineMs,
      fairnessKey: this.config.fairQueues ? (scopeId ?? ownScope(asking)) : null,
    });
  }

  private async readBack(asking: Asking, answer: AdmitAnswer): Promise<Submitted> {
    if (answer.outcome === 'refused') throw refused(unpackRefusal(answer.refusal), asking);
    const job = await this.database.asTenant(botTenant(asking), async (tx) => findJob(tx, answer.jobId));
    if (job === null) throw new Error('a job was admitted and is not there to read');
    return { job: sameBody(job, asking), replayed: answer.requestId !== asking.askId };
  }

  /** No answer came; the job may be there all the same. If it is not yet, only the caller's next try can tell. */
  private async lastLook(asking: Asking, unknown: AdmissionUnknown): Promise<Submitted> {
    const job = await this.database
      .asTenant(botTenant(asking), async (tx) => findJobByKeyHash(tx, asking.keyHash))
      .catch((error: unknown) => {
        this.logger.warn({ keyHash: asking.keyHash, err: error }, 'the last look for a job failed');
        return null;
      });
    if (job !== null) return { job: sameBody(job, asking), replayed: false };
    throw new ProblemError(
      'admission_unknown',
      'No answer came in time. Send the same request again with the same Idempotency-Key: it cannot be done twice.',
      { cause: unknown },
    );
  }
}

interface Started {
  readonly input: AiJobInput;
  readonly scopeId: string | null;
}

function paidRequest({ caller, botId, body }: Asking): PaidRequest {
  return {
    accountId: caller.accountId,
    botId,
    caller: jobCallerOf(caller),
    ...markerOf(body),
    ...(body.campaign_id === undefined ? {} : { campaignId: body.campaign_id }),
  };
}

/** A request of the kind `test` is a test, also where it does not say so twice. */
function markerOf({ purpose, request_kind: kind }: SubmitBody): Pick<PaidRequest, 'marker'> {
  const marker = purpose ?? (kind === 'test' ? kind : undefined);
  return marker === undefined ? {} : { marker };
}

/** The prompt belongs to the bot's texts, whichever key brought it; but the words of a person are that person's own. */
function botTenant({ caller, botId }: Asking): Tenant {
  return isSomebody(caller) ? tenantOf(caller) : { accountId: caller.accountId, subject: botId };
}

/** Who can be forgotten; keys work for their bot or their account. */
function isSomebody({ kind }: Caller): boolean {
  return kind === 'person' || kind === 'visitor';
}

function ownScope({ caller }: Asking): string {
  return accountScopeIn(environmentOfAsking(caller), caller.accountId);
}

function refused(refusal: Refusal, asking: Asking): ProblemError {
  return toldRefusal(refusal, asking.caller, asking.arrivedAt);
}

function sameBody(job: JobView, asking: Asking): JobView {
  if (job.bodyHash === asking.bodyHash) return job;
  throw refused({ code: 'idempotency_mismatch' }, asking);
}

/** Kept by reference, under ids that follow from the request. */
async function saveWords(tx: EntityManager, asking: Asking, asked: string): Promise<void> {
  const { keyHash: key, bodyHash: hash, body, caller } = asking;
  if (caller.kind === 'visitor') await noteVisitorJob(tx, { keyHash: key, ...caller });
  const kept = { ...botTenant(asking), purpose: 'prompt' } as const;
  await saveText(tx, { ...kept, id: promptRef(key, hash), body: body.prompt, askedHash: asked });
  if (body.context === undefined) return;
  await saveText(tx, { ...kept, id: contextRef(key, hash), body: contextBody(body.context) });
}

function jobInput(asking: Asking, { requestKind, wish }: Wanted): AiJobInput {
  const { body } = asking;
  return {
    keyHash: asking.keyHash,
    bodyHash: asking.bodyHash,
    traceparent: asking.traceparent,
    request: {
      ...paidRequest(asking),
      requestKind,
      model: wish.model,
      maxIterations: wish.maxIterations,
      maxMicroCredits: wish.maxCredits === null ? null : formatMicroCredits(wish.maxCredits),
      promptRef: promptRef(asking.keyHash, asking.bodyHash),
      promptBytes: wish.promptBytes,
      contextTokens: wish.contextTokens,
      ...(body.context === undefined
        ? {}
        : { contextRef: contextRef(asking.keyHash, asking.bodyHash), contextBytes: wish.contextBytes }),
      ...(body.thread_id === undefined ? {} : { threadId: body.thread_id }),
      ...(body.deadline === undefined ? {} : { deadline: body.deadline }),
      ...(body.extras === undefined ? {} : { extras: body.extras }),
      ...(body.reserve === undefined ? {} : { reserve: body.reserve }),
      ...(body.quote_id === undefined ? {} : { quoteId: body.quote_id }),
      ...(body.mode === 'reported' ? { mode: body.mode } : {}),
    },
  };
}
