// What a visitor reads of a place of the input that does not fit, in every language and for every field they may send.
import { describe, expect, it } from '@jest/globals';
import type { z } from 'zod';
import { submitBody } from '../jobs/submit-body.js';
import { validationFailed } from '../problems/problem-error.js';
import { problemAnswer } from '../problems/problem-document.js';
import { purchaseRequest } from '../purchases/purchase-body.js';
import { pageQuery } from '../requests/page.js';
import { informReviewBody, reopenReviewBody, reportReviewBody } from '../reviews/review-body.js';
import { threadQuery } from '../threads/thread-body.js';
import { previewChangeBody } from '../subscription/subscription-body.js';
import { orderMyPlanBody } from '../visitors/my-plan-body.js';
import { LANGUAGES } from './catalogue.js';
import { fault, FAULT_CATALOGUES, FAULTS, sayFault, wordsOfFault, wordsOfIssue } from './fault-words.js';

const KEYS = Object.keys(FAULTS) as (keyof typeof FAULTS)[];
const ABOUT = { requestId: 'req_1', traceId: 'trace' };

const placesOf = (sentence: string): readonly string[] => (sentence.match(/\{\w+\}/g) ?? []).sort();

describe('the words of what does not fit', () => {
  it('[B5] are of every fault in every language, in other words, and bring the same along', () => {
    for (const language of LANGUAGES) expect(Object.keys(FAULT_CATALOGUES[language])).toEqual(KEYS);
    const { en, de } = FAULT_CATALOGUES;
    for (const key of KEYS) {
      expect([key, en[key] === de[key]]).toEqual([key, false]);
      expect([key, placesOf(de[key])]).toEqual([key, placesOf(en[key])]);
    }
  });

  it('are found again by what a schema said, with what it brought along', () => {
    for (const key of KEYS) expect(wordsOfFault(FAULTS[key]).key).toBe(key);
    const words = wordsOfFault(fault('too_much_text', { bytes: 12, most: 10 }));
    expect(sayFault('de', words)).toBe('Anfrage und Dateien haben zusammen 12 Bytes, höchstens 10 werden angenommen');
    expect(wordsOfFault('said by nobody')).toEqual({ key: 'unfit' });
  });

  it('[B5] stand in the answer to a visitor, and in no answer to anybody else', () => {
    const error = validationFailed([
      { pointer: '/a', message: 'Invalid input', words: { key: 'text' } },
      { parameter: 'cursor', message: FAULTS.cursor },
      { header: 'x', message: 'of another kind' },
    ]);
    const errorsIn = (language?: 'en' | 'de'): unknown =>
      problemAnswer(error, { ...ABOUT, language }, undefined).document['errors'];
    expect(errorsIn('de')).toEqual([
      { pointer: '/a', message: 'muss ein Text sein' },
      { parameter: 'cursor', message: 'muss ein `next_cursor` dieser Liste sein' },
      { header: 'x', message: 'passt hier nicht' },
    ]);
    expect(errorsIn('en')).toMatchObject([{ message: FAULTS.text }, { message: FAULTS.cursor }, {}]);
    expect(errorsIn()).toEqual([
      { pointer: '/a', message: 'Invalid input' },
      { parameter: 'cursor', message: FAULTS.cursor },
      { header: 'x', message: 'of another kind' },
    ]);
  });
});

describe('what a visitor may send', () => {
  const long = 'x'.repeat(5_000);
  const WRONG = [undefined, null, true, 0, -1, 1.5, '', ' ', 'x y', '1,5', '999999999999999', 'a\u0000b', 'a\nb', long];
  const ODD = [[], [null], [7], ['x', 'x'], {}, { x: 1 }, [{ path: 'a', text: 'b', selection: { from: 2, to: 9 } }]];
  const twice = [1, 2].map(() => ({ path: 'a', text: 'b' }));
  const REVIEWS = { reportReviewBody, informReviewBody, reopenReviewBody };
  const OF_PLANS = { orderMyPlanBody, previewChangeBody: previewChangeBody.in };
  const SCHEMAS = { submitBody, purchaseRequest, ...OF_PLANS, ...REVIEWS, threadQuery };

  it.each(Object.entries({ ...SCHEMAS, pageQuery }))('[B5] is told of each fault by its own words: %s', (_, schema) => {
    const fields = Object.keys((schema as z.ZodObject).shape);
    expect(fields.length).toBeGreaterThan(0);
    for (const field of fields) {
      const told = [...WRONG, ...ODD, twice].flatMap((value) => {
        const { error } = schema.safeParse({ [field]: value }, { reportInput: true });
        return (error?.issues ?? []).filter(({ code }) => code !== 'unrecognized_keys');
      });
      expect([field, told.length > 0]).toEqual([field, true]);
      const untold = told.filter((issue) => wordsOfIssue(issue).key === 'unfit');
      expect([field, untold.map(({ code, message }) => [code, message])]).toEqual([field, []]);
      // What is taken for the values of a choice are its values, and no sentence of another kind.
      const choices = told.map((issue) => wordsOfIssue(issue)).filter(({ key }) => key === 'one_of');
      for (const { values } of choices) expect(values?.['values']).toMatch(/^[\w.-]+(, [\w.-]+)*$/);
    }
  });

  it('[B5] is told in one language that a change is one of three', () => {
    const { error } = previewChangeBody.safeParse({});
    const said = (error?.issues ?? []).map((issue) => sayFault('de', wordsOfIssue(issue)));
    expect(said).toEqual(['muss plan_id, cancel oder undo nennen, und nur eins davon']);
  });
});
