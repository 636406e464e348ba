// What mails say: every notice in every language, with its facts, and in words that visitors may read as well.
import {
  ANNOUNCED_NOTICES,
  detailsOfMail,
  missingDetails,
  REVIEW_DETAILS,
  reviewMark,
  reviewsNamedBy,
} from '@fairmeter/domain';
import { NOTICE_LANGUAGES } from '@fairmeter/records';
import { describe, expect, it } from '@jest/globals';
import { FACT_WORDS } from './fact-words.js';
import { MAIL_CATALOGUES, mailText } from './mail-text.js';

const WORDS_OF_MONEY = [
  ...['wallet', 'balance', 'account money', 'withdraw', 'cash out', 'e-money', 'currency'],
  ...['guthaben', 'geldbörse', 'kontostand', 'auszahlen lassen', 'abheben', 'e-geld', 'währung'],
];

describe('the text of a mail', () => {
  it('[B5] is there for every notice in every language, without a word of money', () => {
    for (const [language, catalogue] of Object.entries(MAIL_CATALOGUES)) {
      expect([language, Object.keys(catalogue).sort()]).toEqual([language, [...ANNOUNCED_NOTICES].sort()]);
      for (const { subject, text } of Object.values(catalogue)) {
        const said = `${subject} ${text}`.toLowerCase().replace('withdrawn', '');
        expect(WORDS_OF_MONEY.filter((word) => said.includes(word))).toEqual([]);
      }
    }
  });

  it('[B5] names states and details in every language by words, and by none of money', () => {
    for (const words of Object.values(FACT_WORDS)) {
      const said = Object.values(words).flatMap((named) => Object.values<string>(named));
      expect(said.filter((word) => word.includes('_'))).toEqual([]);
      expect(WORDS_OF_MONEY.filter((word) => said.join(' ').toLowerCase().includes(word))).toEqual([]);
    }
  });

  it('[E35] tells the reporter how much was added and in which case, and leaves out what there is not', () => {
    const facts = {
      case_id: 'cas_1',
      state: 'notified',
      credits: '1.600000',
      advice: ['be_specific', 'fresh_thread'],
    };
    expect(mailText({ type: 'review.changed', facts, language: 'en', isHeard: true })).toEqual({
      subject: 'Your usage review: credits were added [cas_1]',
      text:
        'The review cas_1 is now: credits were added.\nCredits added: 1.600000. They are available already.\n' +
        'Advice: be_specific, fresh_thread.\nReasons and advice in full: /v1/reviews/cas_1.\n',
    });
    const german = mailText({ type: 'review.changed', facts, language: 'de', isHeard: true });
    expect(german.subject).toBe('Ihre Verbrauchsprüfung: Credits wurden hinzugefügt [cas_1]');
    expect(german.text).toContain('Hinzugefügte Credits: 1.600000.');
    expect(german.text).not.toContain('{');
    expect(german.text).not.toContain('Antworten Sie');
  });

  it('[E35] tells whoever got nothing of it that credits went back to those who had paid, and no figure', () => {
    const facts = { case_id: 'cas_1', state: 'notified', returned_to: 'visitor' };
    expect(mailText({ type: 'review.changed', facts, language: 'en', isHeard: true })).toEqual({
      subject: 'Your usage review: credits went back to whoever had paid [cas_1]',
      text:
        'The review cas_1 is now: credits went back to whoever had paid.\n' +
        'Credits went back to the visitor who had paid.\nReasons and advice in full: /v1/reviews/cas_1.\n',
    });
    const paid = { ...facts, credits: '0.600000' };
    const both = mailText({ type: 'review.changed', facts: paid, language: 'de', isHeard: true });
    expect(both.subject).toBe('Ihre Verbrauchsprüfung: Credits wurden hinzugefügt [cas_1]');
    expect(both.text).toContain('Hinzugefügte Credits: 0.600000.');
    expect(both.text).toContain('Credits gingen zurück an die Person, die als Besucher bezahlt hatte.');
  });

  it.each(NOTICE_LANGUAGES)('[E26] names the case and asks by lines that are read again, %s', (language) => {
    const caseId = 'rvw_01m7zhkwrwkdhzgfp4s0vpqpfx';
    const facts = { case_id: caseId, state: 'needs_info', needs: [...REVIEW_DETAILS] };
    const { subject, text } = mailText({ type: 'review.changed', facts, language, isHeard: true });
    expect(subject.endsWith(` ${reviewMark(caseId)}`)).toBe(true);
    expect(reviewsNamedBy(`AW: ${subject}`, '')).toEqual([caseId]);
    expect(missingDetails(detailsOfMail(text))).toEqual(REVIEW_DETAILS);
    expect(missingDetails(detailsOfMail(text.replaceAll('…', 'filled in')))).toEqual([]);
  });

  it.each(NOTICE_LANGUAGES)('[E26] asks nobody for an answer that nobody would hear, %s', (language) => {
    const facts = { case_id: 'rvw_1', state: 'needs_info', needs: [...REVIEW_DETAILS] };
    const lines = (isHeard: boolean): readonly string[] =>
      mailText({ type: 'review.changed', facts, language, isHeard }).text.trimEnd().split('\n');
    const [state, needs, ...rest] = lines(true);
    // What is needed is said all the same, and where to say it.
    expect(lines(false)).toEqual([state, needs, rest.at(-1)]);
    expect(missingDetails(detailsOfMail(lines(false).join('\n')))).toEqual(REVIEW_DETAILS);
  });
});
