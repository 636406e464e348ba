// Which language a reader gets.
import { describe, expect, it } from '@jest/globals';
import { languageOf } from './accept-language.js';
import { CATALOGUES, LANGUAGES, sayDate } from './catalogue.js';

describe('the language of an answer', () => {
  it.each([
    [undefined, 'en'],
    ['', 'en'],
    ['de', 'de'],
    ['de-AT,de;q=0.9,en;q=0.8', 'de'],
    ['fr, de;q=0.4, en;q=0.5', 'en'],
    ['fr;q=0.9,DE-ch;q=0.8', 'de'],
    ['de;q=0, en;q=0.1', 'en'],
    ['*, de;q=0.5', 'en'],
    ['ded', 'en'],
    [';;;q=7,,', 'en'],
  ])('for %s is %s', (header, language) => {
    expect(languageOf(header)).toBe(language);
  });

  it('has every sentence, and writes dates its own way', () => {
    const keys = LANGUAGES.map((language) => Object.keys(CATALOGUES[language]).sort());
    expect(new Set(keys.map(String)).size).toBe(1);
    const at = Date.UTC(2027, 2, 1, 9, 30);
    expect(sayDate('en', 'option_wait', at)).toContain('March 1, 2027');
    expect(sayDate('de', 'option_wait', at)).toContain('1. März 2027');
  });
});
