// Activities room. A compensation, page by page: each page is a transaction that may be done again. The ledger has its
// own key for what each job gets back, so that a crash between ledger and rows finds what was posted.
import type {
  CompensationActivities,
  CompensationAnswer,
  CompensationAt,
  CompensationDecision,
  CompensationToForesee,
  CorrectionDone,
  ForeseenCompensation,
  JobRefund,
  JobRefundOrder,
  OpenedCompensation,
  PostedCompensation,
} from '@fairmeter/contracts';
import type { CompensationState, CompensationStep, MicroCredits } from '@fairmeter/domain';
import {
  afterCompensationStep,
  cameTooLate,
  formatCredits,
  instant,
  invariant,
  mayDecideCompensation,
  needsSecondPerson,
  parseMicroCredits,
  subtract,
  ZERO,
} from '@fairmeter/domain';
import type { JobLedger, LotLedger } from '@fairmeter/ledger';
import type { RefundableView } from '@fairmeter/ledger/reads';
import { readRefundable, readRefunded } from '@fairmeter/ledger/reads';
import type { EntityDatabase, EntityManager } from '@fairmeter/platform/database';
import type { AuditEvent, AuditLineToWrite, CompensationJob, CompensationRecord } from '@fairmeter/records';
import {
  lockCompensation,
  moveCompensation,
  nextToPost,
  notePreviewedUpTo,
  OF_NO_ACCOUNT,
  readAccountsOf,
  readCompensationTotals,
  saveForeseen,
  savePosted,
  waitForDisk,
  writeAudit,
  writeAuditLines,
} from '@fairmeter/records';
import type { GrantRules } from '../grants/grant.activities.js';
import { brokenIsFinal } from '../to-application-failure.js';
import type { Correction } from './corrections.js';
import { fixCorrection, postFixedCorrection } from './corrections.js';
import { foreseePage } from './foresee.js';
import { refundDecided } from './job-refunds.js';
import { accountsToTell, tellAccounts } from './tell-accounts.js';

export interface CompensationParts {
  readonly entities: Pick<EntityDatabase, 'manager' | 'transaction'>;
  readonly jobs: JobLedger;
  readonly lots: LotLedger;
  /** What staff may do alone, and how long what they may not waits for another. */
  readonly rules: Pick<GrantRules, 'alone' | 'decideMs'>;
}

const FORESEEN_AT_ONCE = 200;
/** Posted side by side, in a few groups of the ledger; a page takes well under a second. */
const POSTED_AT_ONCE = 50;

const BY_NOBODY: Pick<AuditEvent, 'actor'> = { actor: { role: 'platform', id: 'compensation' } };

export class CompensationActivitiesOverLedger implements CompensationActivities {
  constructor(private readonly parts: CompensationParts) {}

  async refundJobSteps(order: JobRefundOrder): Promise<JobRefund> {
    return brokenIsFinal(async () => {
      const found = await readRefundable(this.parts.entities.manager, [order.jobId]);
      const view = found.get(order.jobId);
      invariant(view !== undefined, 'refund.at-most-charged', `there is no job ${order.jobId}`);
      return refundDecided(this.parts.jobs, view, order);
    });
  }

  async previewCompensation({ compensationId, after }: CompensationToForesee): Promise<ForeseenCompensation> {
    return this.underLock(compensationId, async (tx, { id, state, target, askedBy, createdAt, previewedUpTo }) => {
      if (state !== 'previewing') return { next: null };
      // A try that outlasted its time had done this page all the same.
      if (previewedUpTo !== null && previewedUpTo !== after) return { next: previewedUpTo };
      const ownAccounts = await readAccountsOf(tx, askedBy.id);
      const page = await foreseePage(tx, { target, after, size: FORESEEN_AT_ONCE, now: createdAt, ownAccounts });
      await saveForeseen(tx, id, page.jobs);
      if (page.next === null) await moveCompensation(tx, id, { state: stepOf({ id, state }, 'foresee') });
      else await notePreviewedUpTo(tx, id, page.next);
      return { next: page.next };
    });
  }

  async openCompensation({ compensationId, asOf }: CompensationAt): Promise<OpenedCompensation> {
    return this.underLock(compensationId, async (tx, compensation) => {
      const { id, askedBy, asked } = compensation;
      if (compensation.state !== 'previewed' || asked === null) {
        return { state: compensation.state, decideUntil: compensation.decideUntil };
      }
      const { foreseen, jobsToPost } = await readCompensationTotals(tx, id);
      if (foreseen === 0n) {
        const state = stepOf(compensation, 'reject');
        await moveCompensation(tx, id, { state, freesKey: true });
        return { state, decideUntil: null };
      }
      const waits = needsSecondPerson(foreseen, askedBy.role, this.parts.rules.alone);
      const state = stepOf(compensation, waits ? 'wait' : 'approve');
      const decideUntil = waits ? instant(asOf + this.parts.rules.decideMs) : null;
      await moveCompensation(tx, id, { state, ...(decideUntil === null ? {} : { decideUntil }) });
      await writeAudit(tx, {
        ...lineOf(compensation, { actor: askedBy, reasonRef: asked.reasonRef, requestId: compensation.requestId }),
        action: 'compensation.requested',
        before: null,
        after: { state, target: { ...compensation.target }, credits: formatCredits(foreseen), jobs: jobsToPost },
      });
      return { state, decideUntil };
    });
  }

  async noteCompensationDecision(decided: {
    readonly compensationId: string;
    readonly decision: CompensationDecision | null;
  }): Promise<CompensationAnswer> {
    return this.underLock(decided.compensationId, async (tx, compensation) => {
      const { id, state: before, askedBy } = compensation;
      if (before !== 'requested') return { state: before };
      const { decision } = decided;
      const { verdict, by } = decision ?? { verdict: 'reject' as const, by: null };
      const isHeard = by === null || mayDecideCompensation(askedBy.id, verdict, by);
      invariant(isHeard, 'compensation.second-person', `${id} was decided by whoever must not`);
      const state = stepOf(compensation, verdict);
      await moveCompensation(tx, id, { state, decidedBy: by?.id ?? null });
      const said = decision === null ? BY_NOBODY : { ...decision, actor: decision.by };
      await writeAudit(tx, {
        ...lineOf(compensation, said),
        action: `compensation.${state}`,
        before: { state: before },
        after: { state },
      });
      return { state };
    });
  }

  async postCompensation({ compensationId, asOf }: CompensationAt): Promise<PostedCompensation> {
    return this.underLock(compensationId, async (tx, compensation) => {
      const { id, state } = compensation;
      if (state !== 'approved') return { isDone: true };
      const page = await nextToPost(tx, id, POSTED_AT_ONCE);
      if (page.length === 0) return { isDone: await tellAndFinish(tx, compensation) };
      const jobIds = page.map(({ jobId }) => jobId);
      const views = await readRefundable(tx, jobIds);
      const posted = await Promise.all(
        page.map(async (job) => this.refund(id, { job, view: views.get(job.jobId), asOf })),
      );
      await savePosted(tx, id, new Map(posted.map(({ jobId, amount }) => [jobId, amount])));
      const refunded = await readRefunded(tx, jobIds);
      const moved = posted.filter(({ amount }) => amount > 0n);
      await writeAuditLines(
        tx,
        moved.map((each) => ofJob(compensation, each, refunded.get(each.jobId) ?? each.amount)),
      );
      return { isDone: false };
    });
  }

  async correctCompensation(correction: Correction): Promise<CorrectionDone> {
    return brokenIsFinal(async () => {
      const isFixed = await this.onDisk((tx) => fixCorrection(tx, correction));
      if (!isFixed) return { outcome: 'not_posted' };
      return this.onDisk((tx) => postFixedCorrection(tx, this.parts.lots, correction));
    });
  }

  private async refund(id: string, { job, view, asOf }: ToRefund): Promise<Posted> {
    const { jobId, accountId, steps } = job;
    invariant(view !== undefined, 'refund.at-most-charged', `there is no job ${jobId}`);
    const refunded = await refundDecided(this.parts.jobs, view, {
      ...{ jobId, steps, asOf, caseRef: id },
      ...{ form: 'origin_while_live', lane: 'support', round: 1 },
    });
    const amount = refunded.outcome === 'refunded' ? parseMicroCredits(refunded.refundedMicroCredits) : ZERO;
    return { jobId, accountId, amount };
  }

  /** Whatever becomes of one compensation is written one after the other, and is on disk when it is answered. */
  private async underLock<T>(
    id: string,
    work: (tx: EntityManager, compensation: CompensationRecord) => Promise<T>,
  ): Promise<T> {
    return brokenIsFinal(() =>
      this.onDisk(async (tx) => {
        const compensation = await lockCompensation(tx, id);
        invariant(compensation !== null, 'operation.applied-once', `there is no compensation ${id}`);
        return work(tx, compensation);
      }),
    );
  }

  private async onDisk<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    return this.parts.entities.transaction(async (tx) => {
      await waitForDisk(tx);
      return work(tx);
    });
  }
}

interface ToRefund {
  readonly job: CompensationJob;
  readonly view: RefundableView | undefined;
  readonly asOf: number;
}

interface Posted {
  readonly jobId: string;
  readonly accountId: string;
  readonly amount: MicroCredits;
}

/** By now each account has all that it gets. False where more of them are to be told. */
async function tellAndFinish(tx: EntityManager, compensation: CompensationRecord): Promise<boolean> {
  const { accounts, areAll } = await accountsToTell(tx, compensation);
  if (areAll) await finish(tx, compensation);
  await tellAccounts(tx, compensation, accounts);
  return areAll;
}

async function finish(tx: EntityManager, compensation: CompensationRecord): Promise<void> {
  const { id, state: before } = compensation;
  const totals = await readCompensationTotals(tx, id);
  const state = stepOf(compensation, 'finish');
  await moveCompensation(tx, id, { state, freesKey: cameTooLate(compensation, totals) });
  await writeAudit(tx, {
    ...lineOf(compensation, BY_NOBODY),
    action: 'compensation.posted',
    before: { state: before, credits: formatCredits(totals.foreseen) },
    after: { state, credits: formatCredits(totals.posted), jobs: totals.jobsPosted, different: totals.jobsDifferent },
  });
}

interface Said extends Pick<AuditEvent, 'actor'> {
  readonly reasonRef?: string;
  readonly requestId?: string;
}

function lineOf(
  { id }: CompensationRecord,
  { actor, reasonRef, requestId }: Said,
): Pick<AuditEvent, 'accountId' | 'actor' | 'targetId' | 'reason' | 'requestId'> {
  return {
    accountId: OF_NO_ACCOUNT,
    actor: { role: actor.role, id: actor.id },
    targetId: id,
    ...(reasonRef === undefined ? {} : { reason: { ref: reasonRef } }),
    ...(requestId === undefined ? {} : { requestId }),
  };
}

/** `refunded` is what has come back of the job by now, also where this page is done again. */
function ofJob(
  { id, askedBy, asked }: CompensationRecord,
  { jobId, accountId, amount }: Posted,
  refunded: MicroCredits,
): AuditLineToWrite {
  return {
    accountId,
    actor: askedBy,
    action: 'job.compensated',
    targetId: jobId,
    before: { refunded: formatCredits(subtract(refunded, amount)) },
    after: { refunded: formatCredits(refunded), compensation_id: id },
    ...(asked === null ? {} : { reason: { ref: asked.reasonRef } }),
  };
}

function stepOf({ id, state }: Pick<CompensationRecord, 'id' | 'state'>, step: CompensationStep): CompensationState {
  const next = afterCompensationStep(state, step);
  invariant(next !== null, 'operation.applied-once', `${id} is ${state}: ${step} does not follow`);
  return next;
}
