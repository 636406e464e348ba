// Activities room. Cases that the platform opens by itself: what a loop would have given back passed the cap or the
// payers differ, so a person looks at it. And cases of anybody whose runs may be lost.
import { instant } from '@fairmeter/domain';
import { findJob } from '@fairmeter/ledger/reads';
import type { Clock } from '@fairmeter/platform';
import type { EntityDatabase, EntityManager } from '@fairmeter/platform/database';
import { newId } from '@fairmeter/platform/database';
import type { ReviewCase } from '@fairmeter/records';
import {
  addReviewCase,
  findReviewOfThread,
  platformReviewKey,
  putOffLook,
  readJobsToReview,
  takeLostReview,
  waitForDisk,
  writeAudit,
} from '@fairmeter/records';
import type { LostKind } from '../begin-lost.js';
import { beginFirst } from '../begin-lost.js';

const LOST_REVIEWS: LostKind<string> = {
  take: takeLostReview,
  putOff: async (tx, caseId) => putOffLook(tx, 'review_cases', caseId),
};

const HOUR_MS = 3_600_000;
/** All that ever was is looked through so often, in vain as a rule; in between, what was found lately. */
const ALL_EVERY_MS = HOUR_MS;
/** A loop is found at an instant of its job, which the ledger may learn of a good while later. */
const LATELY_MS = 24 * HOUR_MS;

export class PlatformReviews {
  /** When the whole past was looked through and nothing of it awaited anybody. */
  private allWasDecidedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly entities: EntityDatabase,
    private readonly clock: Clock,
  ) {}

  /** Scopes with jobs that a person has to look at and nobody was asked to; of `null`, all there are. */
  async scopesAwaiting(scopeIds: readonly string[] | null): Promise<readonly string[]> {
    const { manager } = this.entities;
    const now = this.clock.now();
    if (now < this.allWasDecidedAt + ALL_EVERY_MS) {
      return scopesOf(await readJobsToReview(manager, { scopeIds, since: instant(this.allWasDecidedAt - LATELY_MS) }));
    }
    // Of whatever was heard: where there is always news, nobody else would ever look at all of it.
    const left = await readJobsToReview(manager, { scopeIds: null });
    if (left.length === 0) this.allWasDecidedAt = now;
    return scopesOf(scopeIds === null || left.length === 0 ? left : await readJobsToReview(manager, { scopeIds }));
  }

  /** Answers with the cases that have to be begun. */
  async openIn(scopeId: string): Promise<readonly string[]> {
    const begun: string[] = [];
    for (const { jobId } of await readJobsToReview(this.entities.manager, { scopeIds: [scopeId] })) {
      const caseId = await this.openFor(jobId);
      if (caseId !== null) begun.push(caseId);
    }
    return begun;
  }

  /** Has one of those cases begun whose runs may be lost, and says how many: none when nothing is left. */
  async beginLost(begin: (caseId: string) => Promise<void>): Promise<number> {
    return beginFirst(this.entities, LOST_REVIEWS, begin);
  }

  /** Once for each job. Null where its thread is looked at already: then its case is linked to that one. */
  private async openFor(jobId: string): Promise<string | null> {
    return this.entities.transaction(async (tx) => {
      await waitForDisk(tx);
      const job = await findJob(tx, jobId);
      if (job === null) return null;
      const somebody = job.requesterKind === 'person' || job.requesterKind === 'visitor' ? job.requesterId : null;
      const { accountId, botId, threadId } = job;
      const thread = { botId, threadId, jobId: threadId === null ? jobId : null, somebody };
      const first = await findReviewOfThread(tx, accountId, thread);
      const duplicateOf = first === null || first.closedAt !== null ? null : first.id;
      const id = await add(tx, { accountId, thread, duplicateOf, keyHash: platformReviewKey(jobId) });
      return duplicateOf === null ? id : null;
    });
  }
}

async function add(
  tx: EntityManager,
  added: Pick<ReviewCase, 'accountId' | 'thread' | 'duplicateOf'> & { readonly keyHash: string },
): Promise<string | null> {
  const { accountId, duplicateOf, keyHash } = added;
  const id = newId('rvw');
  const state = duplicateOf === null ? 'submitted' : 'duplicate';
  const reporter = { kind: 'platform', id: null } as const;
  const isNew = await addReviewCase(tx, {
    ...added,
    ...{ id, state, reporter, channel: 'platform', wordsRef: null, missing: [], bodyHash: keyHash },
  });
  if (!isNew) return null;
  await writeAudit(tx, {
    accountId,
    actor: { role: 'platform', id: 'review' },
    action: 'review.opened',
    targetId: id,
    before: null,
    after: { state, channel: 'platform', duplicate_of: duplicateOf },
  });
  return id;
}

function scopesOf(jobs: readonly { readonly scopeId: string }[]): readonly string[] {
  return [...new Set(jobs.map(({ scopeId }) => scopeId))];
}
