// API room. Whose jobs somebody is shown and may steer: the one place that says so. A member draws on what the account
// has, and sees what that member asked for; all else of the account's work is for its owners (decision 0045).
import { environmentOf } from '@fairmeter/domain';
import type { JobView } from '@fairmeter/ledger/reads';
import type { Caller, Viewer } from './caller.js';
import { isKey } from './caller.js';

/** Whose requests alone this caller is shown of the account's; undefined shows those of everybody in it. */
export function personShown(caller: Viewer): string | undefined {
  return caller.kind === 'person' && caller.role === 'member' ? caller.userId : undefined;
}

export function isOwn(job: JobView, caller: Viewer): boolean {
  if (isKey(caller) && caller.environment !== environmentOf(job.scopeId)) return false;
  switch (caller.kind) {
    case 'bot':
      return job.botId === caller.botId;
    case 'account':
    case 'staff':
      return job.accountId === caller.accountId;
    case 'person': {
      const person = personShown(caller);
      return job.accountId === caller.accountId && (person === undefined || isAskedBy(job, 'person', person));
    }
    case 'visitor':
      return job.botId === caller.botId && isAskedBy(job, 'visitor', caller.visitorId);
  }
}

/** Where the credits of a lot came from; what a refund gave back names its job, which may be somebody else's. */
export function lotSourceShown(source: string, caller: Caller): string {
  return personShown(caller) !== undefined && source.startsWith('refund/') ? 'refund' : source;
}

export function isAskedBy(job: JobView, kind: 'person' | 'visitor', id: string): boolean {
  return job.requesterKind === kind && job.requesterId === id;
}
