// Goal: however many kinds of statement there are, only so many have a name, and each name has one text.
import { describe, expect, it } from '@jest/globals';
import { NamedStatements } from './named-statements.js';

describe('statements with names', () => {
  it('are so many at most; a kind keeps its name, and what comes later has none', () => {
    const statements = new NamedStatements('write', 3);
    const ask = (kind: number): string | undefined => statements.of(`kind ${kind}`, () => `text ${kind}`).name;
    const kinds = Array.from({ length: 10 }, (_, kind) => kind);
    const names = kinds.map(ask);
    expect(names.slice(0, 3)).toEqual(['write-0', 'write-1', 'write-2']);
    expect(names.slice(3).every((name) => name === undefined)).toBe(true);
    expect(kinds.map(ask)).toEqual(names);
    expect(kinds.map((kind) => statements.of(`kind ${kind}`, () => `text ${kind}`).text)).toEqual(
      kinds.map((kind) => `text ${kind}`),
    );
  });
});
