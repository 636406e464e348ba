// API room. A mail that answers a usage review: it completes the report as far as it goes, or has a closed case opened
// again. Each mail is heard once, under the key of that mail; what it brings is decided by the workflow, on the case as
// it stands then.
import type { ReviewWord } from '@fairmeter/contracts';
import { detailsOfMail, hearReview, ownWordsOf } from '@fairmeter/domain';
import { newId, TenantDatabase } from '@fairmeter/platform/database';
import type { ReviewCase } from '@fairmeter/records';
import { countHeardMails, findReviewThatHeard, keepReason } from '@fairmeter/records';
import { Injectable } from '@nestjs/common';
import type { PersonCaller } from '../callers/caller.js';
import { actorOf, tenantOf } from '../callers/caller.js';
import { ProblemError } from '../problems/problem-error.js';
import { ReviewDesk } from './review-desk.js';
import { ReviewTalk } from './review-talk.js';
import { findThread } from './thread-search.js';

export interface MailedAnswer {
  readonly caller: PersonCaller;
  readonly review: ReviewCase;
  /** Of the mail. */
  readonly key: string;
  readonly text: string;
}

/** `under_way`, `over`: it came at a time at which nothing is heard. */
export interface HeardAnswer {
  readonly review: ReviewCase;
  readonly tells: 'under_way' | 'over' | null;
}

/** Beyond any talk between people: two programs that answer each other end here. The form hears more. */
const MOST_ANSWERS = 20;
/** As by the form. */
const LONGEST_FACTS = 4_000;

@Injectable()
export class ReviewAnswers {
  constructor(
    private readonly database: TenantDatabase,
    private readonly desk: ReviewDesk,
    private readonly talk: ReviewTalk,
  ) {}

  /** The case that has heard this mail already, as it is now. */
  async heardBefore(callers: readonly PersonCaller[], key: string): Promise<ReviewCase | null> {
    for (const caller of callers) {
      const id = await this.database.asTenant(tenantOf(caller), async (tx) =>
        findReviewThatHeard(tx, caller.accountId, key),
      );
      const review = id === null ? null : await this.desk.seek(caller, id);
      if (review !== null) return review;
    }
    return null;
  }

  /** The first of these cases in which one of these people may speak. */
  async meant(
    callers: readonly PersonCaller[],
    ids: readonly string[],
  ): Promise<Pick<MailedAnswer, 'caller' | 'review'> | null> {
    for (const id of ids) {
      for (const caller of callers) {
        const review = await this.desk.seek(caller, id);
        if (review !== null) return { caller, review };
      }
    }
    return null;
  }

  /** Null: the case hears no more mails. */
  async hear(answer: MailedAnswer): Promise<HeardAnswer | null> {
    const { caller, review, key } = answer;
    const heard = await this.database.asTenant(tenantOf(caller), async (tx) => countHeardMails(tx, review.id));
    if (heard >= MOST_ANSWERS) return null;
    const says = saidBy(review);
    const isEmpty = says === 'reopen' && ownWordsOf(answer.text) === '';
    const isSaid = says !== null && (isEmpty || (await this.say(answer, says)));
    const after = await this.desk.find(caller, review.id);
    if (isSaid || (await this.heardBefore([caller], key)) !== null) return { review: after, tells: null };
    return { review: after, tells: (after.first ?? after).closedAt === null ? 'under_way' : 'over' };
  }

  /** False where the case went on meanwhile. */
  private async say(answer: MailedAnswer, says: Says): Promise<boolean> {
    const { caller, review, key } = answer;
    const wordsRef = says === 'inform' ? await this.keepDetails(answer) : await this.keepFacts(answer);
    const word = { says, wordsRef, mailKey: key, actor: actorOf(caller), requestId: newId('req') };
    try {
      await this.talk.say(review.id, word, key);
      return true;
    } catch (error) {
      if (error instanceof ProblemError && TOO_LATE.has(error.code)) return false;
      throw error;
    }
  }

  /** A link to no thread is no link. */
  private async keepDetails({ caller, review, text }: MailedAnswer): Promise<string> {
    const details = detailsOfMail(ownWordsOf(text));
    const { thread: link = '', ...others } = details;
    return this.database.asTenant(tenantOf(caller), async (tx) => {
      const found = await findThread(tx, caller, link);
      const named = found === 'several' ? null : found;
      const { language } = review;
      const said = { details: named === null ? others : details, thread: review.thread ?? named, language };
      return keepReason(tx, caller.accountId, { subject: caller.userId, text: JSON.stringify(said) });
    });
  }

  private async keepFacts({ caller, text }: MailedAnswer): Promise<string> {
    const facts = ownWordsOf(text).slice(0, LONGEST_FACTS);
    return this.database.asTenant(tenantOf(caller), async (tx) =>
      keepReason(tx, caller.accountId, { subject: caller.userId, text: facts }),
    );
  }
}

type Says = Extract<ReviewWord, { says: 'inform' | 'reopen' }>['says'];

const TOO_LATE: ReadonlySet<string> = new Set(['review_in_state', 'review_reopened_before']);

/** What an answer is in a case that stands like this; null: there is nothing to answer. */
function saidBy({ state, decidedBy, reopenedAt }: ReviewCase): Says | null {
  const standing = { state, decidedBy, wasReopened: reopenedAt !== null };
  return (['inform', 'reopen'] as const).find((says) => hearReview(standing, { says }).ok) ?? null;
}
