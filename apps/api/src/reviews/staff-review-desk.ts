// API room. Staff work on usage reviews: of others alone, each word with who said it and why. Reading what somebody
// wrote leaves a line of the audit as well.
import type { PickedSteps, ReviewWord } from '@fairmeter/contracts';
import { readStepsOfThread } from '@fairmeter/ledger/reads';
import type { ApiConfig } from '@fairmeter/platform';
import type { EntityManager } from '@fairmeter/platform/database';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { ReviewCase } from '@fairmeter/records';
import { findReviewForStaff, keepReason, readReviewsForStaff, writeAudit } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { StaffCaller } from '../callers/caller.js';
import { actorOf, inNoAccount, tenantOfStaff } from '../callers/caller.js';
import { admitForOthers } from '../callers/for-others.js';
import { hashOfAsked } from '../changes/asked-hash.js';
import { ProblemError, validationFailed } from '../problems/problem-error.js';
import type { PageOf } from '../requests/newest-first.js';
import { newestFirst } from '../requests/newest-first.js';
import { API_CONFIG } from '../tokens.js';
import { hiddenOf } from '../visitors/hidden.js';
import { noSuchReview } from './review-desk.js';
import { ReviewTalk } from './review-talk.js';
import type { staffReviewsQuery } from './staff-review-body.js';

export interface SaidByStaff {
  readonly staff: StaffCaller;
  readonly requestId: string;
  /** The Idempotency-Key; undefined: each request is one of its own. */
  readonly name: string | undefined;
}

export type StaffSaying = Extract<
  ReviewWord,
  { says: 'ask' | 'analyse' | 'decide' | 'approve' | 'send_back' | 'close' }
>;
type Added = 'by' | 'actor' | 'requestId' | 'wordsRef' | 'hash';
type WithoutSpeaker<Word> = Word extends unknown ? Omit<Word, Added> : never;

const STAFF_REVIEWS = 'staff-reviews';

@Injectable()
export class StaffReviewDesk {
  constructor(
    private readonly database: TenantDatabase,
    private readonly talk: ReviewTalk,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
  ) {}

  async ofAll(staff: StaffCaller, query: z.output<typeof staffReviewsQuery>): Promise<PageOf<ReviewCase>> {
    const { state = null, overdue: overdueAlone = false } = query;
    return newestFirst(STAFF_REVIEWS, query, async (page) =>
      this.database.asTenant(inNoAccount(staff), async (tx) =>
        readReviewsForStaff(tx, { state, overdueAlone, ...page }),
      ),
    );
  }

  /** With the words of whoever reported: who read them is written down first. */
  async read({ staff, requestId }: SaidByStaff, id: string): Promise<ReviewCase> {
    const review = await this.find(staff, id);
    await this.inAccountOf(staff, review, async (tx) => {
      const { accountId } = review;
      const line = { accountId, actor: actorOf(staff), action: 'review.read', targetId: id, before: null, after: null };
      await writeAudit(tx, { ...line, requestId });
    });
    return review;
  }

  async say(
    said: SaidByStaff,
    id: string,
    { words, ...saying }: WithoutSpeaker<StaffSaying> & { readonly words: string | null },
  ): Promise<ReviewCase> {
    const { staff, requestId, name = requestId } = said;
    const review = await this.find(staff, id);
    const wordsRef = await this.inAccountOf(staff, review, async (tx) => {
      if (saying.says === 'decide') await mustBeOfThread(tx, review, saying.picked);
      const { subject } = tenantOfStaff(staff, review.accountId);
      return words === null ? null : keepReason(tx, review.accountId, { subject, text: words });
    });
    const by = { id: staff.userId, role: staff.role };
    // What is kept of a decision outlives its words: by it no guess at them can be confirmed.
    const hash = hiddenOf(this.config, 'request', hashOfAsked({ ...saying, words }));
    const kept = saying.says === 'decide' ? { hash } : {};
    const word = { ...saying, ...kept, by, wordsRef, actor: actorOf(staff), requestId } as ReviewWord;
    try {
      await this.talk.say(id, word, name);
    } catch (error) {
      const now = await this.find(staff, id);
      if (!(error instanceof ProblemError)) throw error;
      // A repeated request finds what the first one has brought about.
      if (stands(now, word, staff)) return now;
      // Of a long thread an analysis takes longer than anybody waits: that it is under way is answer enough.
      const isLong = error.code === 'review_unknown' && word.says === 'analyse' && now.state === 'analysing';
      // Where it had that state before, another one may have brought it there.
      if (isLong && (review.state !== 'analysing' || (await this.talk.wasHeard(id, word, name)))) return now;
      throw error;
    }
    return this.find(staff, id);
  }

  private async find(staff: StaffCaller, id: string): Promise<ReviewCase> {
    const found = await this.database.asTenant(inNoAccount(staff), async (tx) => findReviewForStaff(tx, id));
    if (found === null) throw noSuchReview();
    return found;
  }

  private async inAccountOf<T>(
    staff: StaffCaller,
    { accountId }: ReviewCase,
    work: (tx: EntityManager) => Promise<T>,
  ): Promise<T> {
    return this.database.asTenant(tenantOfStaff(staff, accountId), async (tx) => {
      await admitForOthers(tx, accountId, staff.userId);
      return work(tx);
    });
  }
}

/** What is named by mistake would else be left out in silence. */
async function mustBeOfThread(
  tx: EntityManager,
  { thread, accountId }: ReviewCase,
  picked: readonly PickedSteps[],
): Promise<void> {
  const known = thread === null || picked.length === 0 ? null : await readStepsOfThread(tx, { ...thread, accountId });
  const faults = picked.flatMap(({ jobId, steps }, index) => {
    const ofJob = known?.get(jobId);
    if (ofJob === undefined) return [{ pointer: `/steps/${index}/job_id`, message: 'is no job of this thread' }];
    const strange = steps === 'all' ? [] : steps.filter((step) => !ofJob.has(step));
    if (strange.length === 0) return [];
    return [{ pointer: `/steps/${index}/steps`, message: `the job has no step ${strange.join(', ')}` }];
  });
  if (faults.length > 0) throw validationFailed(faults);
}

/** Whether the case is what this word of this person made of it. */
function stands(review: ReviewCase, word: ReviewWord, { userId }: StaffCaller): boolean {
  if (word.says === 'decide') return review.decidedBy === userId && review.decidedHash === word.hash;
  return word.says === 'approve' && review.approvedBy === userId;
}
