// Activities room. A usage review, step by step: each a short transaction that may be done again, with its line of the
// audit and what is told of it. Whatever was done before is found done.
import type { HeardReview, ReviewActivities, ReviewAt, ReviewWord, StandingReview } from '@fairmeter/contracts';
import { packRefusal, sayingOf } from '@fairmeter/contracts';
import type { GrantsAlone, Instant, ReviewState } from '@fairmeter/domain';
import {
  accountScope,
  add,
  afterReviewStep,
  decidedRefundKey,
  formatCredits,
  hearReview,
  instant,
  invariant,
  isReviewOver,
  needsSecondPerson,
  parseMicroCredits,
  ZERO,
} from '@fairmeter/domain';
import { readReturned } from '@fairmeter/ledger/reads';
import type { EntityDatabase, EntityManager } from '@fairmeter/platform/database';
import type { ReviewCase, ReviewChanges } from '@fairmeter/records';
import {
  addReturned,
  findReview,
  findReviewOfThread,
  lockReview,
  lookAtReview,
  noteHeardInReview,
  saveReview,
  waitForDisk,
  writeAudit,
} from '@fairmeter/records';
import { brokenIsFinal } from '../to-application-failure.js';
import type { Informed } from './informed.js';
import { informedBy } from './informed.js';
import { restoresOf } from './restores.js';
import { lookAtOf, standingOf } from './standing.js';
import type { Returned } from './tell-review.js';
import { tellReview } from './tell-review.js';
import { measureThread } from './thread-analysis.js';
import type { ReviewTimes, WordGround } from './review-words.js';
import { beginning, changesBy } from './review-words.js';

export interface ReviewRules {
  readonly times: ReviewTimes;
  /** What one person of the staff may restore without a second one. */
  readonly alone: GrantsAlone;
}

export class ReviewActivitiesOverRecords implements ReviewActivities {
  constructor(
    private readonly entities: EntityDatabase,
    private readonly rules: ReviewRules,
  ) {}

  async openReview({ caseId, asOf }: ReviewAt): Promise<StandingReview> {
    return this.underLock(caseId, async (tx, review) => {
      const isBegun = review.dueAt !== null || review.infoUntil !== null || isReviewOver(review.state);
      if (isBegun) return standingOf(review);
      const at = instant(asOf);
      const begun = beginning(review, at, this.rules.times);
      const { thread, accountId } = review;
      if (thread === null) return this.goOn(tx, { review, at }, begun);
      return this.goOn(tx, { review, at }, { ...begun, measured: await measureThread(tx, { ...thread, accountId }) });
    });
  }

  async noteReviewWord({ caseId, asOf, word }: ReviewAt & { word: ReviewWord }): Promise<HeardReview> {
    return this.underLock(caseId, async (tx, review): Promise<HeardReview> => {
      const heard = hearReview(standingOf(review), sayingOf(word));
      if (!heard.ok || !(await isNews(tx, review.id, word))) return standingOf(review);
      const at = instant(asOf);
      const ground = await this.groundOf(tx, review, { word, at, heard: heard.value });
      const { state, restores } = ground;
      if (restores?.amount === ZERO) {
        return { ...standingOf(review), refused: packRefusal({ code: 'nothing_refundable', refundable: ZERO }) };
      }
      if (!(await isFirstTime(tx, review, word))) return standingOf(review);
      const changes = await this.linked(tx, review, changesBy(review, word, ground));
      await writeAudit(tx, {
        accountId: review.accountId,
        actor: word.actor,
        action: `review.${actionOf(word, ground)}`,
        targetId: review.id,
        before: { state: review.state },
        after: { state: changes.state ?? state, ...figuresOf(word, ground) },
        ...(word.wordsRef === null ? {} : { reason: { ref: word.wordsRef } }),
        requestId: word.requestId,
      });
      return this.goOn(tx, { review, at }, changes);
    });
  }

  async noteReviewTime({
    caseId,
    asOf,
    passed,
  }: ReviewAt & { passed: 'info' | 'target' | 'due' }): Promise<StandingReview> {
    return this.underLock(caseId, async (tx, review) => {
      const at = instant(asOf);
      const changes = byTime(review, passed, at);
      if (changes === null) return standingOf(review);
      await writeAudit(tx, {
        accountId: review.accountId,
        actor: { role: 'platform', id: 'review' },
        action: `review.${TIME_ACTION[passed]}`,
        targetId: review.id,
        before: { state: review.state },
        after: { state: changes.state ?? review.state },
      });
      return this.goOn(tx, { review, at }, changes);
    });
  }

  async noteReviewRestored({
    caseId,
    asOf,
    restoredMicroCredits,
  }: ReviewAt & { restoredMicroCredits: string }): Promise<StandingReview> {
    return this.underLock(caseId, async (tx, review) => {
      const state = afterReviewStep(review.state, 'tell');
      if (state === null) return standingOf(review);
      const amount = parseMicroCredits(restoredMicroCredits);
      const jobs = review.picked.map(({ jobId }) => jobId);
      const { round } = standingOf(review);
      const returned = await readReturned(tx, jobs, decidedRefundKey({ lane: 'review', caseRef: caseId, round }));
      await writeAudit(tx, {
        accountId: review.accountId,
        actor: { role: 'platform', id: 'review' },
        action: 'review.restored',
        targetId: review.id,
        before: { state: review.state },
        // The account reads it: what visitors had paid is theirs.
        after: { state, credits: formatCredits(returned.get(accountScope(review.accountId)) ?? ZERO) },
      });
      await addReturned(tx, review.id, returned);
      const restored = add(review.restored, amount);
      return this.goOn(tx, { review, at: instant(asOf), returned }, { state, restored });
    });
  }

  private async goOn(
    tx: EntityManager,
    { review, at, returned }: GoingOn,
    changes: ReviewChanges,
  ): Promise<StandingReview> {
    await saveReview(tx, review.id, changes);
    const after = await findReview(tx, review.id);
    invariant(after !== null, 'operation.applied-once', `there is no review ${review.id}`);
    await lookAtReview(tx, after.id, lookAtOf(standingOf(after), at));
    await tellReview(tx, after, returned);
    return standingOf(after);
  }

  /** What may come back without a second person is let through by whoever confirms it. */
  private stateAfter(heard: ReviewState, word: ReviewWord, restores: WordGround['restores']): ReviewState {
    if (word.says !== 'decide' || restores === null) return heard;
    if (needsSecondPerson(restores.amount, word.by.role, this.rules.alone)) return heard;
    return afterReviewStep(heard, 'grant') ?? heard;
  }

  private async groundOf(
    tx: EntityManager,
    review: ReviewCase,
    { word, at, heard }: { readonly word: ReviewWord; readonly at: Instant; readonly heard: ReviewState },
  ): Promise<WordGround> {
    const { times } = this.rules;
    const isConfirmed = word.says === 'decide' && word.verdict !== 'not_confirmed';
    const restores = isConfirmed ? await restoresOf(tx, review, word.picked) : null;
    const informed = word.says === 'inform' ? await informedBy(tx, review, word) : null;
    const state = lacksDetails(informed) ? review.state : this.stateAfter(heard, word, restores);
    return { at, state, times, restores, informed };
  }

  /** A case may turn out to be of a thread that is looked at already. */
  private async linked(tx: EntityManager, review: ReviewCase, changes: ReviewChanges): Promise<ReviewChanges> {
    const { thread } = changes;
    if (thread === undefined || thread === null || review.thread !== null) return changes;
    const measured = await measureThread(tx, { ...thread, accountId: review.accountId });
    const first = await findReviewOfThread(tx, review.accountId, thread);
    if (first === null || first.id === review.id || first.closedAt !== null) return { ...changes, measured };
    const { thread: _, ...rest } = changes;
    return { ...rest, thread, measured, state: 'duplicate', duplicate_of: first.id, info_until: null };
  }

  /** Whatever becomes of one case is written one after the other, and is on disk when it is answered. */
  private async underLock<T>(id: string, work: (tx: EntityManager, review: ReviewCase) => Promise<T>): Promise<T> {
    return brokenIsFinal(() =>
      this.entities.transaction(async (tx) => {
        await waitForDisk(tx);
        const review = await lockReview(tx, id);
        invariant(review !== null, 'operation.applied-once', `there is no review ${id}`);
        return work(tx, review);
      }),
    );
  }
}

interface GoingOn {
  readonly review: ReviewCase;
  readonly at: Instant;
  /** Where credits came back just now: how many, by the scope that had paid. */
  readonly returned?: Returned;
}

const ACTION_OF = {
  ask: 'asked',
  inform: 'completed',
  analyse: 'analysed',
  decide: 'decided',
  approve: 'approved',
  send_back: 'sent_back',
  close: 'closed',
  reopen: 'reopened',
} as const satisfies Record<ReviewWord['says'], string>;

const TIME_ACTION = { info: 'lapsed', target: 'target_passed', due: 'overdue' } as const;

function byTime(review: ReviewCase, passed: 'info' | 'target' | 'due', at: Instant): ReviewChanges | null {
  const standing = standingOf(review);
  switch (passed) {
    case 'info': {
      const state = afterReviewStep(review.state, 'lapse');
      return state === null ? null : { state, closed_at: at, info_until: null };
    }
    case 'target':
      return standing.targetAt === null ? null : { target_passed_at: at };
    case 'due':
      return standing.dueAt === null ? null : { target_passed_at: review.targetPassedAt ?? at, breached_at: at };
  }
}

/** A try whose end nobody heard of is made again, perhaps in another run. Who opens a case again may say all anew. */
async function isFirstTime(tx: EntityManager, { id, reopenedAt }: ReviewCase, { key }: ReviewWord): Promise<boolean> {
  if (key === undefined) return true;
  return noteHeardInReview(tx, id, { what: 'heard_words', key: `${key}/${reopenedAt ?? 0}` });
}

/** An answer by mail that was heard before changes nothing, however often it comes. */
async function isNews(tx: EntityManager, id: string, word: ReviewWord): Promise<boolean> {
  const mailKey = word.says === 'inform' || word.says === 'reopen' ? word.mailKey : undefined;
  return mailKey === undefined || (await noteHeardInReview(tx, id, { what: 'heard_mails', key: mailKey }));
}

function lacksDetails(informed: Informed | null): boolean {
  return informed !== null && informed.missing.length > 0;
}

function actionOf({ says }: ReviewWord, { informed }: WordGround): string {
  return lacksDetails(informed) ? 'informed' : ACTION_OF[says];
}

function figuresOf(word: ReviewWord, { restores }: WordGround): Record<string, string> {
  if (word.says !== 'decide') return {};
  const { verdict, cause } = word;
  return { verdict, cause, ...(restores === null ? {} : { credits: formatCredits(restores.amount) }) };
}
