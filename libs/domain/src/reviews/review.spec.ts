// Domain room. How a usage review goes on, and who is heard.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ReviewSaying, ReviewState } from './review.js';
import { afterReviewStep, fitsVerdict, hearReview, isReviewOver, REVIEW_CAUSES, REVIEW_STATES } from './review.js';

const support = { id: 'usr_support', role: 'support' } as const;
const admin = { id: 'usr_admin', role: 'admin' } as const;
const standing = (state: ReviewState, more: object = {}) => ({ state, decidedBy: null, wasReopened: false, ...more });
const told = (outcome: ReturnType<typeof hearReview>) => (outcome.ok ? outcome.value : outcome.refusal.code);

describe('a case', () => {
  it('goes from its report to its end along one line', () => {
    let state: ReviewState = 'submitted';
    for (const step of ['ask', 'inform', 'analyse', 'partly_confirmed', 'grant', 'tell', 'close', 'reopen'] as const) {
      const next = afterReviewStep(state, step);
      expect([state, step, next]).not.toEqual([state, step, null]);
      state = next ?? state;
    }
    expect(state).toBe('reopened');
    expect(afterReviewStep('needs_info', 'lapse')).toBe('closed_stale');
  });

  it('[E36] is not closed without a piece of advice, whether confirmed or not', () => {
    for (const state of ['notified', 'not_confirmed'] as const) {
      expect(told(hearReview(standing(state), { says: 'close', by: support, advice: 0 }))).toBe('advice_needed');
      const closed = told(hearReview(standing(state), { says: 'close', by: support, advice: 1 }));
      expect(closed).toBe(state === 'notified' ? 'closed' : 'closed_not_confirmed');
    }
  });

  it('[E41] is opened again once, and only when it is over', () => {
    expect(told(hearReview(standing('closed_not_confirmed'), { says: 'reopen' }))).toBe('reopened');
    expect(told(hearReview(standing('closed', { wasReopened: true }), { says: 'reopen' }))).toBe(
      'review_reopened_before',
    );
    expect(told(hearReview(standing('analysing'), { says: 'reopen' }))).toBe('review_in_state');
  });

  it('is let through by another person, and by one who may', () => {
    const confirmed = standing('confirmed', { decidedBy: admin.id });
    expect(told(hearReview(confirmed, { says: 'approve', by: admin }))).toBe('second_person_needed');
    expect(told(hearReview(confirmed, { says: 'approve', by: support }))).toBe('second_person_needed');
    expect(told(hearReview(confirmed, { says: 'approve', by: { ...admin, id: 'usr_other' } }))).toBe('granting');
    expect(told(hearReview(confirmed, { says: 'send_back', by: { ...admin, id: 'usr_other' } }))).toBe('analysing');
  });

  it('[E32] names one of four causes where it is confirmed, and none where it is not', () => {
    expect(REVIEW_CAUSES.filter((cause) => fitsVerdict('confirmed', cause))).toHaveLength(4);
    expect(REVIEW_CAUSES.filter((cause) => fitsVerdict('not_confirmed', cause))).toEqual(['none']);
  });

  it('whatever is said: an end is left by one reopening alone, and no credits come of what nobody confirmed', () => {
    const saying = fc.oneof(
      fc.constantFrom<ReviewSaying['says']>('ask', 'inform', 'analyse', 'approve', 'send_back', 'close', 'reopen'),
      fc.constantFrom('confirmed', 'partly_confirmed', 'not_confirmed'),
    );
    const by = fc.constantFrom(support, admin, { ...admin, id: 'usr_other' });
    fc.assert(
      fc.property(fc.array(fc.tuple(saying, by, fc.nat(2)), { maxLength: 40 }), (said) => {
        let now = standing('submitted');
        let reopenings = 0;
        for (const [says, person, advice] of said) {
          const before = now;
          const word = /confirmed/.test(says) ? { says: 'decide', verdict: says } : { says };
          const outcome = hearReview(now, { ...word, by: person, advice } as ReviewSaying);
          if (!outcome.ok) continue;
          now = { ...now, state: outcome.value };
          if (/^(?:partly_)?confirmed$/.test(says)) now = { ...now, decidedBy: person.id as never };
          if (says === 'reopen') now = { ...now, wasReopened: true };
          if (isReviewOver(before.state)) expect([says, (reopenings += 1)]).toEqual(['reopen', 1]);
          if (now.state === 'granting') expect(person.id).not.toBe(now.decidedBy);
          expect(REVIEW_STATES).toContain(now.state);
          if (now.state === 'granting') now = { ...now, state: 'notified' };
        }
      }),
    );
  });
});
