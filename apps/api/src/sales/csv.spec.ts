// Goal: no cell is run by a spreadsheet, and none is read as another one. Method: words an attacker would choose.
import { describe, expect, it } from '@jest/globals';
import { csvLine } from './csv.js';

describe('a line of CSV', () => {
  it.each(['=1+1', '+1', '-1+2', '@SUM(A1)', '\t=1', '\uff1d1+1', '-', '=HYPERLINK("http://a","b")'])(
    'tells a spreadsheet that %j is text',
    (word) => {
      expect(csvLine([word]).replaceAll('"', '')).toMatch(/^'/);
    },
  );

  it('leaves numbers and plain words as they are', () => {
    expect(csvLine(['-500', '-10.000000', '12', 'Starter pack', ''])).toBe('-500,-10.000000,12,Starter pack,\r\n');
  });

  it('keeps commas, quotes and line breaks inside of their cell', () => {
    expect(csvLine(['a,b', 'say "hi"', 'two\r\nlines', '\r=1'])).toBe('"a,b","say ""hi""","two\r\nlines","\'\r=1"\r\n');
  });
});
