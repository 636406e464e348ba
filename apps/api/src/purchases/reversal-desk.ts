// API room. Staff decide on purchases that somebody else of them wants sent back. Stopping one moves no money and is
// written here; letting one through is the workflow's, under the purchase's lock.
import { reversalApprovalWorkflowId } from '@fairmeter/contracts';
import { isSecondPerson } from '@fairmeter/domain';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { StaffReversal } from '@fairmeter/records';
import {
  decideReversal,
  findPurchase,
  findReversalForStaff,
  readReversalsForStaff,
  writeAudit,
} from '@fairmeter/records';
import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { StaffCaller } from '../callers/caller.js';
import { actorOf, inNoAccount, tenantOfStaff } from '../callers/caller.js';
import { admitForOthers } from '../callers/for-others.js';
import { ProblemError } from '../problems/problem-error.js';
import { refusalProblem } from '../problems/refusal-problem.js';
import { againstTwins } from '../requests/against-twins.js';
import type { PageOf } from '../requests/newest-first.js';
import { newestFirst } from '../requests/newest-first.js';
import type { reversalsQuery } from './reversal-body.js';
import { notPaid, refusedByProvider, Reversals } from './reversals.js';

export interface ReversalWord {
  readonly staff: StaffCaller;
  readonly requestId: string;
  readonly reversalId: string;
  readonly reason: string;
}

const REVERSALS = 'reversals';

@Injectable()
export class ReversalDesk {
  constructor(
    private readonly database: TenantDatabase,
    private readonly reversals: Reversals,
  ) {}

  /** Once: approving again comes to the same. */
  async approve(word: ReversalWord): Promise<StaffReversal> {
    const { staff, requestId, reversalId, reason } = word;
    const reversal = await this.find(staff, reversalId);
    const { accountId, purchaseId, purchaseState } = reversal;
    if (reversal.state === 'approved' && reversal.decidedBy === staff.userId) return this.asApproved(reversal, staff);
    if (reversal.state !== 'requested') throw decided(reversal);
    if (!isSecondPerson({ id: staff.userId, role: staff.role }, reversal.askedBy.id)) {
      throw refusalProblem({ code: 'second_person_needed' }, 0);
    }
    if (purchaseState !== 'paid') throw notPaid(purchaseState);
    const input = await this.reversals.inputOf({ staff, accountId, requestId }, purchaseId, reason);
    const workflowId = reversalApprovalWorkflowId(purchaseId, reversalId);
    await this.reversals.begin(workflowId, { ...input, approves: reversalId });
    return this.decidedBy(staff, reversalId, 'approved');
  }

  /** By anybody of the staff, also by who asked for it. Rejecting again comes to the same. */
  async reject(word: ReversalWord): Promise<StaffReversal> {
    const { staff, reversalId } = word;
    const reversal = await this.find(staff, reversalId);
    if (reversal.state === 'requested') await this.writeRejected(reversal, word);
    return this.decidedBy(staff, reversalId, 'rejected');
  }

  async page(staff: StaffCaller, query: z.output<typeof reversalsQuery>): Promise<PageOf<StaffReversal>> {
    const { state = null } = query;
    return newestFirst(REVERSALS, query, async (page) =>
      this.database.asTenant(inNoAccount(staff), async (tx) => readReversalsForStaff(tx, { state, ...page })),
    );
  }

  /** What was let through, and is paid and owes nothing all the same, was refused by whoever took the money. */
  private async asApproved(reversal: StaffReversal, staff: StaffCaller): Promise<StaffReversal> {
    const { accountId, purchaseId } = reversal;
    const purchase = await this.database.asTenant(tenantOfStaff(staff, accountId), async (tx) =>
      findPurchase(tx, purchaseId),
    );
    if (purchase?.state === 'paid' && !purchase.owesBack) throw refusedByProvider();
    return reversal;
  }

  private async writeRejected(reversal: StaffReversal, word: ReversalWord): Promise<void> {
    const { staff, requestId, reason: text } = word;
    const { accountId, purchaseId, purchaseState: state, id } = reversal;
    const tenant = tenantOfStaff(staff, accountId);
    await againstTwins(async () =>
      this.database.asTenant(tenant, async (tx) => {
        await admitForOthers(tx, accountId, staff.userId);
        if (!(await decideReversal(tx, id, { state: 'rejected', decidedBy: staff.userId }))) return;
        await writeAudit(tx, {
          accountId,
          actor: actorOf(staff),
          action: 'purchase.reversal_rejected',
          targetId: purchaseId,
          before: { state, reversal_id: id },
          after: { state },
          reason: { subject: tenant.subject, text },
          requestId,
        });
      }),
    );
  }

  private async find(staff: StaffCaller, reversalId: string): Promise<StaffReversal> {
    const tenant = inNoAccount(staff);
    const reversal = await this.database.asTenant(tenant, async (tx) => findReversalForStaff(tx, reversalId));
    if (reversal === null) throw new ProblemError('reversal_not_found', 'There is no such reversal.');
    return reversal;
  }

  private async decidedBy(
    staff: StaffCaller,
    reversalId: string,
    state: StaffReversal['state'],
  ): Promise<StaffReversal> {
    const reversal = await this.find(staff, reversalId);
    if (reversal.decidedBy === staff.userId && reversal.state === state) return reversal;
    throw decided(reversal);
  }
}

function decided({ state }: StaffReversal): ProblemError {
  return new ProblemError('reversal_decided', 'This reversal does not wait for anybody any more.', {
    members: { state },
  });
}
