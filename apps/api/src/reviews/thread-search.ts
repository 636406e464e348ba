// API room. Which thread somebody means by a link, as far as they may see it: what is somebody else's is no thread, nor
// are test jobs, which cost nobody anything.
import { environmentOf, readThreadLink } from '@fairmeter/domain';
import { findBooksOfThread, findJob, readThreadOwners } from '@fairmeter/ledger/reads';
import type { EntityManager } from '@fairmeter/platform/database';
import type { ReviewedThread } from '@fairmeter/records';
import type { PersonCaller, VisitorCaller } from '../callers/caller.js';
import { mayBe } from '../callers/caller.js';
import { isOwn, personShown } from '../callers/own-jobs.js';

export type Reporter = PersonCaller | VisitorCaller;

/** Null where there is none, and `several` where the name alone does not tell whose it is. */
export async function findThread(
  tx: EntityManager,
  caller: Reporter,
  link: string,
): Promise<ReviewedThread | 'several' | null> {
  const named = readThreadLink(link);
  if (named === null) return null;
  if ('jobId' in named) return threadOfJob(tx, caller, named.jobId);
  if (!mayBe(caller, named.botId)) return null;
  const accountId = await findBooks(tx, caller, link);
  const of = caller.kind === 'visitor' ? caller.visitorId : (personShown(caller) ?? null);
  const owners = await readThreadOwners(tx, { ...named, accountId, of, first: userOf(caller) });
  const [somebody] = owners;
  if (somebody === undefined) return null;
  const isClear = owners.length === 1 || somebody === userOf(caller);
  return isClear ? { ...named, jobId: null, somebody } : 'several';
}

/**
 * In whose books the jobs are that are meant. A visitor's may be in those of an account that had the bot before: a job
 * is where it ran, and a thread where its latest job is. Whoever else asks, asks of one account.
 */
export async function findBooks(tx: EntityManager, caller: Reporter, link: string): Promise<string> {
  const { accountId } = caller;
  const named = readThreadLink(link);
  if (caller.kind !== 'visitor' || named === null) return accountId;
  if (!('jobId' in named)) {
    const { visitorId } = caller;
    return (await findBooksOfThread(tx, { ...named, visitorId })) ?? accountId;
  }
  const job = await findJob(tx, named.jobId);
  return job !== null && isOwn(job, caller) ? job.accountId : accountId;
}

async function threadOfJob(tx: EntityManager, caller: Reporter, jobId: string): Promise<ReviewedThread | null> {
  const job = await findJob(tx, jobId);
  if (job === null || !isOwn(job, caller) || environmentOf(job.scopeId) === 'test') return null;
  const { botId, threadId, requesterKind, requesterId } = job;
  const somebody = requesterKind === 'person' || requesterKind === 'visitor' ? requesterId : null;
  return { botId, threadId, jobId: threadId === null ? jobId : null, somebody };
}

function userOf(caller: Reporter): string {
  return caller.kind === 'visitor' ? caller.visitorId : caller.userId;
}
