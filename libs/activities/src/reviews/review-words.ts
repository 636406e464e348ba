// Activities room. What a word in a review changes of its case: columns alone, decided on the case as it stands.
import type { ReviewWord } from '@fairmeter/contracts';
import type { BusinessCalendar, ReviewClock, ReviewDays } from '@fairmeter/domain/time';
import { pauseClock, resumeClock, startClock } from '@fairmeter/domain/time';
import type { Instant, ReviewState } from '@fairmeter/domain';
import { instant, isReviewOver } from '@fairmeter/domain';
import type { ReviewCase, ReviewChanges } from '@fairmeter/records';
import type { Informed } from './informed.js';
import type { Restores } from './restores.js';

export interface ReviewTimes {
  readonly calendar: BusinessCalendar;
  readonly days: ReviewDays;
  /** How long missing details are waited for. */
  readonly infoMs: number;
}

/** With a case whose details are all there its clock begins; else they are waited for. */
export function beginning(
  { state }: Pick<ReviewCase, 'state'>,
  at: Instant,
  { calendar, days, infoMs }: ReviewTimes,
): ReviewChanges {
  if (state === 'needs_info') return { info_until: instant(at + infoMs) };
  return clockColumns(startClock(calendar, at, days));
}

export function clockOf({ targetAt, dueAt, pausedAt }: ReviewCase): ReviewClock {
  return { targetAt, dueAt, pausedAt };
}

function clockColumns({ targetAt, dueAt, pausedAt }: ReviewClock): ReviewChanges {
  return { target_at: targetAt, due_at: dueAt, paused_at: pausedAt };
}

/** What only the tables know of a word. */
export interface WordGround {
  readonly at: Instant;
  /** To which it brings the case. */
  readonly state: ReviewState;
  readonly times: ReviewTimes;
  /** Of `inform`. */
  readonly informed: Informed | null;
  /** Of `decide`. */
  readonly restores: Restores | null;
}

type WordOf<Says extends ReviewWord['says']> = Extract<ReviewWord, { says: Says }>;

export function changesBy(review: ReviewCase, word: ReviewWord, ground: WordGround): ReviewChanges {
  const { at, state, times } = ground;
  const { wordsRef } = word;
  const over = isReviewOver(state) ? { closed_at: at } : {};
  switch (word.says) {
    case 'ask':
      return asked(review, word, ground);
    case 'inform':
      return informed(review, wordsRef, ground);
    case 'analyse':
      return { state };
    case 'decide':
      return decided(word, ground);
    case 'approve':
      return { state, approved_by: word.by.id };
    case 'send_back':
      return { state, decided_by: null };
    case 'close':
      return { state, ...over, tips: word.tips, guidance_ref: wordsRef };
    case 'reopen':
      return {
        ...clockColumns(startClock(times.calendar, at, times.days)),
        ...{ state, reopened_at: at, closed_at: null, target_passed_at: null, breached_at: null, facts_ref: wordsRef },
        ...{ decided_by: null, approved_by: null, picked: [] },
      };
  }
}

/** What is still missing is waited for anew, and the clock stands. */
function informed(review: ReviewCase, wordsRef: string | null, ground: WordGround): ReviewChanges {
  const { at, state, times } = ground;
  const { ref, missing, thread } = ground.informed ?? { ref: wordsRef, missing: [], thread: review.thread };
  const told = { state, missing, thread, ...(ref === null ? {} : { words_ref: ref }) };
  if (missing.length > 0) return { ...told, info_until: instant(at + times.infoMs) };
  return { ...told, ...clockAfterPause(review, at, times), info_until: null };
}

function clockAfterPause(review: ReviewCase, at: Instant, { calendar, days }: ReviewTimes): ReviewChanges {
  const clock = clockOf(review);
  return clockColumns(clock.dueAt === null ? startClock(calendar, at, days) : resumeClock(calendar, clock, at));
}

function asked(review: ReviewCase, { missing }: WordOf<'ask'>, { at, times }: WordGround): ReviewChanges {
  const clock = pauseClock(clockOf(review), at);
  return { state: 'needs_info', missing, ...clockColumns(clock), info_until: instant(at + times.infoMs) };
}

function decided(word: WordOf<'decide'>, { at, state, restores }: WordGround): ReviewChanges {
  return {
    state,
    verdict: word.verdict,
    cause: word.cause,
    picked: restores?.picked ?? [],
    ...(restores === null ? {} : { restorable: restores.amount }),
    decided_by: word.by.id,
    decided_at: at,
    decided_hash: word.hash,
    reasons_ref: word.wordsRef,
  };
}
