// API room. Admins take back what a compensation posted by mistake: the reason is kept here, all else is the
// workflow's.
import type { CorrectionDone, CorrectionInput } from '@fairmeter/contracts';
import { COMPENSATION_CORRECTION_WORKFLOW, correctionWorkflowId } from '@fairmeter/contracts';
import { formatMicroCredits } from '@fairmeter/domain';
import type { ApiConfig, Clock } from '@fairmeter/platform';
import { TenantDatabase } from '@fairmeter/platform/database';
import { findCorrection, keepReason, OF_NO_ACCOUNT, staffSubject } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import { inNoAccount } from '../callers/caller.js';
import { hashOfAsked } from '../changes/asked-hash.js';
import type { AskedByStaff } from '../grants/grant-desk.js';
import { AdmissionClient, AdmissionUnknown } from '../jobs/admission-client.js';
import { keyHash } from '../jobs/admission-hashes.js';
import { ProblemError } from '../problems/problem-error.js';
import { refusalProblem } from '../problems/refusal-problem.js';
import { API_CLOCK, API_CONFIG } from '../tokens.js';
import { hiddenOf } from '../visitors/hidden.js';
import type { TakeBack, ToldCompensation } from './compensation-body.js';
import { unknownYet } from './compensation-desk.js';
import { CompensationReader } from './compensation-reader.js';

export interface TakeBackOrder {
  readonly compensationId: string;
  readonly idempotencyKey: Uint8Array;
  readonly body: TakeBack;
}

@Injectable()
export class CorrectionDesk {
  constructor(
    private readonly database: TenantDatabase,
    private readonly temporal: AdmissionClient,
    private readonly reader: CompensationReader,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  /** The same key and body again find what was taken back. */
  async takeBack(asked: AskedByStaff, { compensationId, ...order }: TakeBackOrder): Promise<ToldCompensation> {
    const { staff, requestId } = asked;
    await this.reader.find(staff, compensationId);
    const who = { accountId: OF_NO_ACCOUNT, botId: `corrections/${compensationId}` };
    const correctionId = keyHash(who, order.idempotencyKey, staffSubject(staff.userId));
    const bodyHash = hiddenOf(this.config, 'request', hashOfAsked(order.body));
    const { job_id: jobId, credits, reason: text } = order.body;
    const reasonRef = await this.database.asTenant(inNoAccount(staff), async (tx) => {
      const known = await findCorrection(tx, correctionId);
      if (known !== null && known.bodyHash !== bodyHash) throw refusalProblem({ code: 'idempotency_mismatch' }, 0);
      // One that stays open was broken off: its workflow goes on, or is begun again.
      const isTaken = known !== null && !known.isOpen;
      return isTaken ? null : keepReason(tx, OF_NO_ACCOUNT, { subject: staffSubject(staff.userId), text });
    });
    if (reasonRef === null) return this.reader.find(staff, compensationId);
    const by = { id: staff.userId, role: staff.role };
    const mostMicroCredits = credits === undefined ? null : formatMicroCredits(credits);
    await this.correct({ correctionId, compensationId, jobId, mostMicroCredits, bodyHash, by, reasonRef, requestId });
    return this.reader.find(staff, compensationId);
  }

  private async correct(input: CorrectionInput): Promise<void> {
    try {
      const { outcome } = await this.temporal.resultOf<CorrectionInput, CorrectionDone>(
        COMPENSATION_CORRECTION_WORKFLOW,
        {
          workflowId: correctionWorkflowId(input.correctionId),
          input,
          deadline: this.clock.now() + this.config.admitDeadlineMs,
        },
      );
      if (outcome === 'taken_back') return;
    } catch (error) {
      if (error instanceof AdmissionUnknown) throw unknownYet(error);
      throw error;
    }
    throw new ProblemError('job_not_found', 'Nothing was posted for such a job by this compensation.');
  }
}
