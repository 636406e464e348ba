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
import { packRefusal, payerQuestion, requesterOf } from '@fairmeter/contracts';
import type {
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
} from '@fairmeter/domain';
import type { JobLedger } from '@fairmeter/ledger';
import { findJob, findJobByKeyHash, readOwnCredits } from '@fairmeter/ledger/reads';
import type { Clock } from '@fairmeter/platform';
import { startSpan } from '@fairmeter/platform';
import type { EntityDatabase } from '@fairmeter/platform/database';
import {
  findCampaign,
  findQuoteTerms,
  readAccountStatus,
  readBotForAdmission,
  readPayersPlan,
  readRateCard,
  saveJobVersions,
} from '@fairmeter/records';
import { unlessBusy } from '../ask-again.js';
import { brokenIsFinal } from '../to-application-failure.js';
import { orderOf } from './admit-order.js';
import type { JobMemory } from './job-memory.js';
import { payerOf } from './job-memory.js';
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
    const { result, replayed } = admitted.value;
    if (result.outcome === 'job_of_another_run') return result;
    invariant(bot !== null, 'operation.applied-once', `job ${result.jobId} was admitted for a bot that is gone`);
    const closed = await this.endedByClosing(input, bot, result);
    if (closed !== null) return closed;
    await this.keepVersions(bot, { result, replayed });
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
    const { entities, clock, memory } = this.parts;
    const { request } = input;
    const { bot } = order;
    if (bot === null) return this.post(input, order);
    const { manager } = entities;
    const now = instant(clock.now());
    let question = await payerQuestion(request, bot.funding, {
      now,
      campaign: async (id) => findCampaign(manager, request.accountId, id),
      ownCredits: async (scopeId) => readOwnCredits(manager, scopeId, now),
      limitSubject: async (keyId) => memory.limitSubject(manager, keyId),
    });
    for (;;) {
      const chosen = choosePayer(question);
      if (!chosen.ok) return (await this.knownJob(input, order)) ?? chosen;
      const { accountId, botId, requester } = question;
      const whoPays = { funding: chosen.value.payer.funding, accountId, botId, askedBy: requester.id };
      const visitorPlan = await readPayersPlan(manager, whoPays);
      const admitted = await this.post(input, { ...order, ...chosen.value, visitorPlan });
      const next = admitted.ok ? null : askedAgain(question, admitted.refusal);
      if (next === null) return admitted;
      question = next;
    }
  }

  /**
   * Whoever closes an account ends the jobs that are open then (edge 70). One that was decided on before and written
   * after is ended here: either that look finds the job, or this one finds the account closed.
   */
  private async endedByClosing(
    { request, asOf }: AdmitJobInput,
    { rateCard }: BotTerms,
    { jobId, payer }: Admission,
  ): Promise<AdmitJobResult | null> {
    const { entities, jobs, clock } = this.parts;
    const { accountId } = request;
    const status = await readAccountStatus(entities.manager, accountId);
    if (status !== 'closed') return null;
    const scopeId = payer ?? accountScope(accountId);
    const ending = { state: 'cancelled', reason: 'cancelled', minimumCharge: rateCard.minimumCharge } as const;
    const ended = await unlessBusy(jobs.settle({ accountId, jobId, scopeId }, instant(asOf), ending));
    const code = ended.ok ? 'operation_mismatch' : ended.refusal.code;
    // It may have got an ending meanwhile, and keeps that.
    invariant(code === 'operation_mismatch', 'hold.ends-once', `ending a job answered ${code}`);
    const refusal = packRefusal({ code: 'account_not_active', status });
    return { outcome: 'refused', refusal, decidedAt: clock.now() };
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
  private async keepVersions(
    { accountId, botId, guide }: BotTerms,
    { result: { jobId, program }, replayed }: { readonly result: Admission; readonly replayed: boolean },
  ): Promise<void> {
    const { entities, memory } = this.parts;
    const versions = program === 'reported' ? null : guideVersions(guide);
    const isWritten =
      versions === null || (await saveJobVersions(entities.manager, { jobId, accountId, botId, versions }));
    // Another try may have written others, and those stand.
    if (!replayed && isWritten) memory.admitted(jobId, versions);
  }

  /** An answer alone makes nothing and calls nothing: in a conversation, asking again is no loop. */
  private async inThread(
    { payer, botId, threadId, promptRef, caller }: JobRequest & { readonly payer: string },
    program: Program,
    policy: LoopPolicy,
  ): Promise<Pick<AdmittedJob, 'thread'>> {
    if (threadId === undefined || program === 'answer') return {};
    const { kind, id } = requesterOf(caller);
    const somebody = kind === 'person' || kind === 'visitor' ? id : null;
    const job = { botId, threadId, somebody, promptRef, payer };
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
