// API room. Whoever steers work that somebody else asked for leaves a line of the audit: it is on disk before the work
// hears of anything, so that nothing is steered without one.
import type { BudgetAsker, ProblemCode } from '@fairmeter/contracts';
import { formatCredits } from '@fairmeter/domain';
import type { MicroCredits } from '@fairmeter/domain';
import type { JobView } from '@fairmeter/ledger/reads';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { AuditedState, AuditEvent } from '@fairmeter/records';
import { writeAudit } from '@fairmeter/records';
import { Injectable } from '@nestjs/common';
import type { Caller, StaffViewer } from '../callers/caller.js';
import { actorOf, tenantOf } from '../callers/caller.js';
import { admitForOthers } from '../callers/for-others.js';
import { isAskedBy } from '../callers/own-jobs.js';
import type { Asked } from '../changes/changes.js';
import { Changes, ending, note } from '../changes/changes.js';

/** What is written of a job that is still under way, before it is steered. */
export type NotedFirst = (job: JobView) => Promise<void>;

/** What is written of a change of a budget before it is asked for, and where it never came to be asked for. */
export interface NotedBudget {
  /** In whose name the ledger's answer is to be written down; nobody's where there is nothing to be written. */
  readonly requested: (job: JobView) => Promise<BudgetAsker | undefined>;
  readonly refused: (job: JobView, code: ProblemCode) => Promise<void>;
}

export interface WordOfStaff {
  readonly viewer: StaffViewer;
  readonly requestId: string;
  readonly reason: string;
}

type Line = Pick<AuditEvent, 'action' | 'before' | 'after'>;

@Injectable()
export class SteeredForOthers {
  constructor(
    private readonly changes: Changes,
    private readonly database: TenantDatabase,
  ) {}

  cancelled(asked: Asked): NotedFirst {
    return async (job) => this.note(ending(asked), job, asksFor('cancel', job));
  }

  resumed(asked: Asked): NotedFirst {
    return async (job) => this.note({ ...asked, act: 'start_work' }, job, asksFor('resume', job));
  }

  /** What was asked for is one line, and what became of it another. The same budget again changes nothing. */
  budgeted(asked: Asked, maxCredits: MicroCredits): NotedBudget {
    const { caller, requestId } = asked;
    const lineOf = (job: JobView, action: string, after: AuditedState): Line => {
      const stood = { max_credits: formatCredits(job.maxCredits) };
      return { action, before: stood, after: { ...stood, requested: formatCredits(maxCredits), ...after } };
    };
    const isNoted = (job: JobView): boolean => isOfAnother(caller, job) && job.maxCredits !== maxCredits;
    return {
      requested: async (job) => {
        if (isNoted(job)) {
          await this.note({ ...asked, act: 'start_work' }, job, lineOf(job, 'job.budget_requested', {}));
        } else if (!isOfAnother(caller, job)) return undefined;
        // Another may have come to stand since it was read: what becomes of it the ledger knows.
        return { actor: actorOf(caller), requestId };
      },
      refused: async (job, code) => {
        if (isNoted(job)) await this.noteOutcome(asked, job, lineOf(job, 'job.budget_refused', { code }));
      },
    };
  }

  /** Of an account that is none of their own. */
  cancelledByStaff({ viewer, requestId, reason: text }: WordOfStaff): NotedFirst {
    const tenant = tenantOf(viewer);
    return async (job) =>
      this.database.asTenant(tenant, async (tx) => {
        const { accountId } = viewer;
        await admitForOthers(tx, accountId, viewer.userId);
        const line = { ...asksFor('cancel', job), accountId, actor: actorOf(viewer), targetId: job.id, requestId };
        await writeAudit(tx, { ...line, reason: { subject: tenant.subject, text } });
      });
  }

  /** It has happened: whoever asked needs no leave for it any more. */
  private async noteOutcome({ caller, requestId }: Asked, job: JobView, line: Line): Promise<void> {
    await this.database.asTenant(tenantOf(caller), async (tx) =>
      note({ tx, caller, requestId }, { ...line, targetId: job.id }),
    );
  }

  private async note(asked: Asked, job: JobView, line: Line): Promise<void> {
    if (!isOfAnother(asked.caller, job)) return;
    await this.changes.make(asked, async (changing) => note(changing, { ...line, targetId: job.id }));
  }
}

/** A key's work is its holder's, and a visitor's that visitor's: of people alone there may be another's. */
function isOfAnother(caller: Caller, job: JobView): boolean {
  return caller.kind === 'person' && !isAskedBy(job, 'person', caller.userId);
}

function asksFor(what: 'cancel' | 'resume', { state }: JobView): Line {
  return { action: `job.${what}_requested`, before: { state }, after: { state, requested: what } };
}
