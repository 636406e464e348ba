// API room. Whoever steers work that somebody else asked for leaves a line of the audit: it is on disk before the work
// hears of anything, so that nothing is steered without one.
import { formatCredits } from '@fairmeter/domain';
import type { MicroCredits } from '@fairmeter/domain';
import type { JobView } from '@fairmeter/ledger/reads';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { AuditEvent } from '@fairmeter/records';
import { writeAudit } from '@fairmeter/records';
import { Injectable } from '@nestjs/common';
import type { StaffViewer } from '../callers/caller.js';
import { actorOf, tenantOf } from '../callers/caller.js';
import { admitForOthers } from '../callers/for-others.js';
import { isAskedBy } from '../callers/own-jobs.js';
import type { Asked } from '../changes/changes.js';
import { Changes, ending, note } from '../changes/changes.js';

/** What is written of a job that is still under way, before it is steered. */
export type NotedFirst = (job: JobView) => Promise<void>;

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

  /** The same budget again changes nothing. */
  budgeted(asked: Asked, maxCredits: MicroCredits): NotedFirst {
    return async (job) => {
      if (job.maxCredits === maxCredits) return;
      await this.note({ ...asked, act: 'start_work' }, job, {
        action: 'job.budget_requested',
        before: { max_credits: formatCredits(job.maxCredits) },
        after: { max_credits: formatCredits(maxCredits) },
      });
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

  /** A key's work is its holder's, and a visitor's that visitor's: of people alone there may be another's. */
  private async note(asked: Asked, job: JobView, line: Line): Promise<void> {
    const { caller } = asked;
    if (caller.kind !== 'person' || isAskedBy(job, 'person', caller.userId)) return;
    await this.changes.make(asked, async (changing) => note(changing, { ...line, targetId: job.id }));
  }
}

function asksFor(what: 'cancel' | 'resume', { state }: JobView): Line {
  return { action: `job.${what}_requested`, before: { state }, after: { state, requested: what } };
}
