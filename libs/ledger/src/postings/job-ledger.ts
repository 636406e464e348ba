// Ledger room. The operations a job posts, by name: each builds one post with its natural key and its pure decision.
import type {
  AdmitOrder,
  AdmitResult,
  BeginStepOrder,
  BeginStepResult,
  EndStepOrder,
  EndStepResult,
  FailAttemptOrder,
  FailAttemptResult,
  Instant,
  JobPosting,
  NoteLoopOrder,
  NoteLoopResult,
  Outcome,
  RefundOrder,
  RefundResult,
  SettleOrder,
  SettleResult,
  StepGround,
  StepRefundOrder,
} from '@fairmeter/domain';
import {
  accountScope,
  admit,
  beginStep,
  endStep,
  environmentOf,
  failAttempt,
  noteLoop,
  refundJob,
  refundSteps,
  settle,
} from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import type { LedgerStore } from '../store/ledger-store.js';
import type { Ground, Post, PostLoad, PostOutcome } from '../store/post.js';

/** Whose job it is, and the scope that pays for it: the one that its row names, the account's where nothing is said. */
export interface JobPayer {
  readonly accountId: string;
  readonly jobId: string;
  readonly scopeId?: string;
}

/** Where every posting of the job goes. */
export function payingScope({ scopeId, accountId }: Omit<JobPayer, 'jobId'>): string {
  return scopeId ?? accountScope(accountId);
}

export interface StepPost<Order> {
  readonly payer: JobPayer;
  /** What makes this try its own: a retried transaction finds its answer, the next try of the step does not. */
  readonly tryKey: string;
  readonly asOf: Instant;
  readonly order: Order;
}

export type StepRefundWish = Omit<StepRefundOrder, 'compensation'> & { readonly asOf: Instant };

export type LoopNote = Omit<NoteLoopOrder, 'compensationFor'> & { readonly asOf: Instant };

export type RefundWish = Omit<RefundOrder, 'compensation'> & { readonly asOf: Instant };

export class JobLedger {
  constructor(private readonly store: LedgerStore) {}

  async admit(accountId: string, asOf: Instant, order: AdmitOrder): Promise<PostOutcome<AdmitResult>> {
    const scopeId = order.scopeId ?? accountScope(accountId);
    return this.store.post<AdmitResult>({
      key: `${order.workflowId}:${order.runId}:admit`,
      verb: 'job.admit',
      body: { keyHash: order.keyHash, bodyHash: order.bodyHash },
      scopeId,
      accountId,
      asOf,
      // A test scope has its month's lot without anybody's grant: its first job may be the first that meets it.
      load: {
        keyHash: order.keyHash,
        limits: order.limitRefs ?? [],
        ...(environmentOf(scopeId) === 'test' ? { openScope: true } : {}),
      },
      decide: (ground) => admit({ ...ground, jobOfKey: ground.job }, order),
    });
  }

  async beginStep(post: StepPost<BeginStepOrder>): Promise<PostOutcome<BeginStepResult>> {
    const { order } = post;
    const body = { stage: order.stage, iteration: order.iteration };
    return this.postStep(post, { name: 'begin', body, load: { limits: 'ofHold' } }, (ground) =>
      beginStep(ground, order),
    );
  }

  async endStep(post: StepPost<EndStepOrder>): Promise<PostOutcome<EndStepResult>> {
    const { order } = post;
    return this.postStep(post, { name: 'end', body: { attempt: order.attempt, meters: order.meters } }, (ground) =>
      endStep(ground, order),
    );
  }

  async failAttempt(post: StepPost<FailAttemptOrder>): Promise<PostOutcome<FailAttemptResult>> {
    const { order } = post;
    return this.postStep(post, { name: 'fail', body: { attempt: order.attempt, fault: order.fault } }, (ground) =>
      failAttempt(ground, order),
    );
  }

  async settle(payer: JobPayer, asOf: Instant, order: SettleOrder): Promise<PostOutcome<SettleResult>> {
    return this.store.post<SettleResult>({
      key: `${payer.jobId}:settle`,
      verb: 'job.settle',
      body: { state: order.state, reason: order.reason },
      ...this.ofJob(payer, asOf),
      load: { jobId: payer.jobId },
      decide: (ground) =>
        settle(
          {
            snapshot: ground.snapshot,
            at: ground.at,
            job: ground.job,
            hold: ground.hold,
            runningSteps: ground.steps,
            openAttempts: ground.attempts,
          },
          order,
        ),
    });
  }

  /** Every lane of refunds; `refundKey` is the lane's own reference, so that no finding or case pays twice. */
  async refund(payer: JobPayer, refundKey: string, wish: RefundWish): Promise<PostOutcome<RefundResult>> {
    const { asOf, ...order } = wish;
    return this.store.post<RefundResult>({
      key: `${payer.jobId}:refund:${refundKey}`,
      verb: 'job.refund',
      body: { parts: order.parts, form: order.form, stepOrdinal: order.stepOrdinal },
      ...this.ofJob(payer, asOf),
      load: { jobId: payer.jobId },
      decide: (ground) =>
        refundJob(ground, {
          ...order,
          compensation: freshCompensation(`refund/${payer.jobId}/${refundKey}`),
        }),
    });
  }

  /** What those steps paid, as far as it is still there to give back; the last billable one takes the minimum along. */
  async refundSteps(
    payer: JobPayer,
    refundKey: string,
    { asOf, ordinals, form }: StepRefundWish,
  ): Promise<PostOutcome<RefundResult>> {
    return this.store.post<RefundResult>({
      key: `${payer.jobId}:refund:${refundKey}`,
      verb: 'job.refund',
      body: { ordinals, form },
      ...this.ofJob(payer, asOf),
      load: { jobId: payer.jobId, allSteps: true },
      decide: (ground) =>
        refundSteps(ground, { ordinals, form, compensation: freshCompensation(`refund/${payer.jobId}/${refundKey}`) }),
    });
  }

  /** Keeps the evidence, and gives back at once what the platform caused, in settled jobs too: all of it or nothing. */
  async noteLoop(payer: JobPayer, { asOf, ...order }: LoopNote): Promise<PostOutcome<NoteLoopResult>> {
    const { number, finding } = order;
    const { refundableSteps } = finding;
    const otherJobs = [...new Set(refundableSteps.map((step) => step.jobId))].filter((id) => id !== payer.jobId);
    return this.store.post<NoteLoopResult>({
      // The name of the automatic lane: a cost view tells by it what a refund answers.
      key: `${payer.jobId}:refund:finding/${number}`,
      verb: 'job.loop',
      body: { signal: finding.signal, foundAt: finding.foundAt.ordinal },
      ...this.ofJob(payer, asOf),
      load: {
        jobId: payer.jobId,
        allSteps: true,
        refundWindow: true,
        ...(otherJobs.length === 0 ? {} : { otherJobs }),
      },
      decide: (ground) =>
        noteLoop(ground, {
          ...order,
          compensationFor: (jobId) =>
            freshCompensation(`refund/${payer.jobId}/finding/${number}${jobId === payer.jobId ? '' : `/${jobId}`}`),
        }),
    });
  }

  private ofJob(payer: JobPayer, asOf: Instant): Pick<Post<object>, 'scopeId' | 'accountId' | 'asOf'> {
    return { scopeId: payingScope(payer), accountId: payer.accountId, asOf };
  }

  private async postStep<R extends object>(
    post: StepPost<{ readonly ordinal: number }>,
    effect: StepEffect,
    decide: (ground: StepGround) => Outcome<JobPosting<R>>,
  ): Promise<PostOutcome<R>> {
    const { payer, order } = post;
    return this.store.post<R>({
      key: `${payer.jobId}:${order.ordinal}:${effect.name}:${post.tryKey}`,
      verb: `step.${effect.name}`,
      body: effect.body,
      ...this.ofJob(payer, post.asOf),
      load: { jobId: payer.jobId, ordinal: order.ordinal, ...effect.load },
      decide: (ground) => decide(stepGround(ground, order.ordinal)),
    });
  }
}

function freshCompensation(sourceRef: string): RefundOrder['compensation'] {
  return { fromDailyLotId: newId('lot'), lotId: newId('lot'), sourceRef };
}

interface StepEffect {
  readonly name: 'begin' | 'end' | 'fail';
  readonly body: Post<object>['body'];
  readonly load?: PostLoad;
}

export function stepGround(ground: Ground, ordinal: number): StepGround {
  return {
    snapshot: ground.snapshot,
    at: ground.at,
    job: ground.job,
    hold: ground.hold,
    step: ground.steps.find((step) => step.ordinal === ordinal) ?? null,
    attempts: ground.attempts,
  };
}
