// Whether every problem of a visitor is told in every language, and the right one of several.
import { describe, expect, it } from '@jest/globals';
import { PROBLEMS } from '@fairmeter/contracts';
import { problemAnswer } from '../problems/problem-document.js';
import { ProblemError } from '../problems/problem-error.js';
import { LANGUAGES } from './catalogue.js';
import { PROBLEM_CATALOGUES, sayProblem } from './problem-words.js';
import type { Detail } from './visitor-problems.js';
import { FOR_OTHERS, TOLD_APART } from './visitor-problems.js';

const about = { requestId: 'req_1', traceId: '4bf92f3577b34da6a3ce929d0e0e4736' };
const casesOf = (detail: Detail): readonly string[] => (typeof detail === 'string' ? [] : Object.keys(detail).sort());

describe('the words of a problem', () => {
  it('are there for each code that is not for others alone, in every language', () => {
    const all = Object.keys(PROBLEMS).filter((code) => !(FOR_OTHERS as readonly string[]).includes(code));
    for (const language of LANGUAGES) {
      expect([language, Object.keys(PROBLEM_CATALOGUES[language]).sort()]).toEqual([language, all.sort()]);
    }
  });

  it('tell the same cases apart in every language', () => {
    const { en, de } = PROBLEM_CATALOGUES;
    const cases = ({ detail }: { readonly detail: Detail }): readonly string[] => casesOf(detail);
    expect(Object.entries(de).map(([code, words]) => [code, cases(words)])).toEqual(
      Object.keys(de).map((code) => [code, cases(en[code as keyof typeof en])]),
    );
    const several = Object.entries(en).filter(([, words]) => cases(words).length > 0);
    expect(several.map(([code]) => code).sort()).toEqual(Object.keys(TOLD_APART).sort());
  });

  it('are of another language in another language', () => {
    const { en, de } = PROBLEM_CATALOGUES;
    for (const code of Object.keys(en) as (keyof typeof en)[]) {
      expect([code, de[code].title]).not.toEqual([code, en[code].title]);
      expect([code, de[code].detail]).not.toEqual([code, en[code].detail]);
    }
  });

  it('are of the case that the answer names, and of the usual one where it names none that is known', () => {
    const detailOf = (limitOf: unknown): string | undefined =>
      sayProblem('en', 'over_bot_limit', { limit_of: limitOf })?.detail;
    expect(detailOf('artefact')).toBe('This bot packs no files.');
    for (const odd of ['toString', 'else', 7, undefined])
      expect(detailOf(odd)).toBe('This bot takes smaller requests.');
    expect(sayProblem('de', 'lot_ended', {})).toBeUndefined();
  });

  it('stand in the answer to a visitor alone, whose code and members stay', () => {
    const error = new ProblemError('rate_limited', 'As it was thrown.', { members: { per: 'visitor' } });
    const plain = problemAnswer(error, about, undefined);
    const told = problemAnswer(error, { ...about, language: 'de' }, undefined);
    expect(plain.document).toMatchObject({ title: 'Too many requests', detail: 'As it was thrown.' });
    expect(plain.headers).not.toHaveProperty('content-language');
    expect(told.headers).toEqual({ ...plain.headers, 'content-language': 'de' });
    const { title, detail } = PROBLEM_CATALOGUES.de.rate_limited;
    expect(told.document).toEqual({ ...plain.document, title, detail });
  });

  it('stay as they were thrown where no visitor should ever read them', () => {
    const error = new ProblemError('lot_ended', 'As it was thrown.');
    const { headers, document } = problemAnswer(error, { ...about, language: 'de' }, undefined);
    expect([document.detail, headers['content-language']]).toEqual(['As it was thrown.', undefined]);
  });
});
