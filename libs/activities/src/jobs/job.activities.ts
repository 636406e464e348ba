// Activities room. Admission and ending of a job: one short idempotent transaction each.
import type {
  AdmitJobInput,
  AdmitJobResult,
  AdmittedJob,
  JobActivities,
  JobRequest,
  NoteLoopInput,
  SettleJobInput,
  SettleJobResult,
} from '@fairmeter/contracts';
import { packRefusal, requesterOf } from '@fairmeter/contracts';
import type {
  AdmissionWish,
  AdmitOrder,
  AdmitResult,
  BotTerms,
  LoopPolicy,
  NoteLoopResult,
  Program,
  RefundCap,
} from '@fairmeter/domain';
import {
  accountScope,
  askedAgain,
  choosePayer,
  formatMicroCredits,
  guideVersions,
  hasEnded,
  instant,
  invariant,
  parseMicroCredits,
} from '@fairmeter/domain';
import type { JobLedger } from '@fairmeter/ledger';
import { findJob, findJobByKeyHash } from '@fairmeter/ledger/reads';
import type { Clock } from '@fairmeter/platform';
import { startSpan } from '@fairmeter/platform';
import type { EntityDatabase } from '@fairmeter/platform/database';
import { newId } from '@fairmeter/platform/database';
import { findQuoteTerms, readBotForAdmission, readRateCard, saveJobVersions } from '@fairmeter/records';
import { unlessBusy } from '../ask-again.js';
import { brokenIsFinal } from '../to-application-failure.js';
import type { JobMemory } from './job-memory.js';
import { payerOf } from './job-memory.js';
import { readPayerQuestion } from './job-payer.js';
import { judgedByNow } from './loop-evidence.js';
import { policyOfPlan } from './loop-rules.js';
import { threadOf } from './thread-memory.js';

type Admitted = Awaited<ReturnType<JobLedger['admit']>>;

export interface JobActivityParts {
  readonly jobs: JobLedger;
  readonly entities: EntityDatabase;
  readonly clock: Clock;
  readonly memory: JobMemory;
  /** When repetition is a loop where a plan says nothing; settled with the admission of a job, like the rest here. */
  readonly loopPolicy: LoopPolicy;
  readonly refundCap: RefundCap;
  /** How long one pause for credits may last. */
  readonly waitMs: number;
  /** How long a reported job may hear nothing of its bot. */
  readonly idleMs: number;
  /** How long a step of it may be open. */
  readonly stepMs: number;
}

export class JobActivitiesOverLedger implements JobActivities {
  constructor(private readonly parts: JobActivityParts) {}

  async admitJob(input: AdmitJobInput): Promise<AdmitJobResult> {
    const { traceparent } = input;
    return brokenIsFinal(() => startSpan({ name: 'job.admit', traceparent }, () => this.admit(input)));
  }

  async settleJob(input: SettleJobInput): Promise<SettleJobResult> {
    return brokenIsFinal(() => this.settle(input));
  }

  async noteLoop(input: NoteLoopInput): Promise<NoteLoopResult> {
    return brokenIsFinal(async () => {
      const { jobs, entities, memory } = this.parts;
      const { jobId, number } = input;
      const payer = payerOf(await memory.job(entities.manager, jobId));
      const finding = await judgedByNow(entities.manager, input.finding);
      const note = { number, finding, cap: this.parts.refundCap, asOf: instant(input.asOf) };
      const noted = await unlessBusy(jobs.noteLoop(payer, note));
      invariant(noted.ok, 'refund.at-most-charged', noted.ok ? '' : `noting a loop answered ${noted.refusal.code}`);
      return noted.value.result;
    });
  }

  private async admit(input: AdmitJobInput): Promise<AdmitJobResult> {
    const { entities, clock } = this.parts;
    const { request } = input;
    const bot = await readBotForAdmission(entities.manager, request.botId, instant(clock.now()));
    const { quoteId } = request;
    const quoted = quoteId === undefined ? {} : { quote: await findQuoteTerms(entities.manager, quoteId) };
    const order = { ...orderOf(input, bot), ...quoted, waitMs: this.parts.waitMs };
    const admitted = await this.admitPaid(input, order);
    if (!admitted.ok) {
      return { outcome: 'refused', refusal: packRefusal(admitted.refusal), decidedAt: clock.now() };
    }
    const { result } = admitted.value;
    if (result.outcome === 'job_of_another_run') return result;
    invariant(bot !== null, 'operation.applied-once', `job ${result.jobId} was admitted for a bot that is gone`);
    await this.keepVersions(bot, result);
    const loopPolicy = policyOfPlan(this.parts.loopPolicy, bot.plan.loops);
    return {
      outcome: 'admitted',
      job: {
        jobId: result.jobId,
        botType: bot.type,
        program: result.program,
        maxIterations: result.maxIterations,
        loopPolicy,
        ...(await this.inThread(
          { ...request, payer: result.payer ?? accountScope(request.accountId) },
          result.program,
          loopPolicy,
        )),
        zip: result.program === 'workspace' && result.extras.zip,
        extras: result.extras,
        ...(result.deadline === null ? {} : { deadline: result.deadline }),
        waitMs: this.parts.waitMs,
        ...(result.program === 'reported' ? { idleMs: this.parts.idleMs, stepMs: this.parts.stepMs } : {}),
      },
    };
  }

  /** A bot that is not there is refused by the decision itself, which says so first. */
  private async admitPaid(input: AdmitJobInput, order: AdmitOrder): Promise<Admitted> {
    const { entities, clock } = this.parts;
    const { request } = input;
    const { bot } = order;
    if (bot === null) return this.post(input, order);
    let question = await readPayerQuestion(entities.manager, { request, bot, now: clock.now() });
    for (;;) {
      const chosen = choosePayer(question);
      if (!chosen.ok) return (await this.knownJob(input, order)) ?? chosen;
      const admitted = await this.post(input, { ...order, ...chosen.value });
      const next = admitted.ok ? null : askedAgain(question, admitted.refusal);
      if (next === null) return admitted;
      question = next;
    }
  }

  /** An earlier try may have been admitted, and its answer lost, before the table said no. */
  private async knownJob(input: AdmitJobInput, order: AdmitOrder): Promise<Admitted | null> {
    const known = await findJobByKeyHash(this.parts.entities.manager, input.keyHash);
    return known === null ? null : this.post(input, { ...order, scopeId: known.scopeId });
  }

  /** Busy is no decision: it is asked for by the same key until one is made; after its time that one is expired. */
  private async post(input: AdmitJobInput, order: AdmitOrder): Promise<Admitted> {
    return unlessBusy(this.parts.jobs.admit(input.request.accountId, instant(input.asOf), order));
  }

  /**
   * After the admission, for only then is there a job: a try that was lost in between is made again, and what this one
   * writes is there before the workflow hears of its job.
   */
  private async keepVersions({ accountId, botId, guide }: BotTerms, { jobId, program }: Admission): Promise<void> {
    const versions = guideVersions(guide);
    if (versions === null || program === 'reported') return;
    await saveJobVersions(this.parts.entities.manager, { jobId, accountId, botId, versions });
  }

  /** An answer alone makes nothing and calls nothing: in a conversation, asking again is no loop. */
  private async inThread(
    { payer, botId, threadId, promptRef }: JobRequest & { readonly payer: string },
    program: Program,
    policy: LoopPolicy,
  ): Promise<Pick<AdmittedJob, 'thread'>> {
    if (threadId === undefined || program === 'answer') return {};
    const job = { botId, threadId, promptRef, payer };
    return { thread: await threadOf(this.parts.entities.manager, job, policy) };
  }

  private async settle(input: SettleJobInput): Promise<SettleJobResult> {
    const { entities, jobs, memory } = this.parts;
    const job = await memory.job(entities.manager, input.jobId);
    return startSpan({ name: 'job.settle', traceparent: job.traceParent }, async () => {
      const card = await readRateCard(entities.manager, job.rateCardId);
      const settled = await unlessBusy(
        jobs.settle(payerOf(job), instant(input.asOf), {
          state: input.state,
          reason: input.reason,
          minimumCharge: card.minimumCharge,
        }),
      );
      memory.forget(input.jobId);
      if (settled.ok) return { chargeMicroCredits: settled.value.result.charge };
      const { code } = settled.refusal;
      invariant(code === 'operation_mismatch', 'hold.ends-once', `settling answered ${code}`);
      return this.settledBefore(input.jobId);
    });
  }

  /**
   * A workflow task whose answer was lost is done again, and may know of a cancel by then that it did not know of when
   * it settled. A job ends once: what was written first stands, and the workflow takes it over.
   */
  private async settledBefore(jobId: string): Promise<SettleJobResult> {
    const job = await findJob(this.parts.entities.manager, jobId);
    invariant(job !== null && hasEnded(job.state) && job.endReason !== null, 'hold.ends-once', `${jobId} never ended`);
    return {
      chargeMicroCredits: formatMicroCredits(job.charge),
      ending: { state: job.state, reason: job.endReason },
    };
  }
}

type Admission = Extract<AdmitResult, { outcome: 'admitted' }>;

function orderOf(input: AdmitJobInput, bot: BotTerms | null): AdmitOrder {
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
