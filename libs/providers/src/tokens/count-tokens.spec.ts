// Goal: counts are those of the vocabulary itself, and no text makes counting slow. Method: the library over the whole
// text says what is right; texts that take the square of their length are counted within the time of ordinary ones.
import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { countTokens as wholeCount } from 'gpt-tokenizer/encoding/o200k_base';
import { readFileSync } from 'node:fs';
import { countTokens } from './count-tokens.js';
import { countableSlices } from './countable-slices.js';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const code = readFileSync(new URL('./count-tokens.ts', import.meta.url), 'utf8');

beforeAll(async () => {
  await countTokens('gpt-5', 'read the vocabulary');
}, 60_000);

describe('countTokens', () => {
  it('counts prose and code as the vocabulary does, and says when it is the model’s own', async () => {
    expect(await countTokens('gpt-5', 'Hello, world!')).toEqual({ tokens: 4, exact: true });
    expect(await countTokens('claude', code)).toEqual({ tokens: wholeCount(code), exact: false });
    expect(await countTokens('gpt-5', '')).toEqual({ tokens: 0, exact: true });
  });

  it('is not characters divided by four: code, prose and other scripts differ', async () => {
    for (const text of [code, readme, 'Zähle die Wörter — 数える 👩‍💻'.repeat(20)]) {
      const { tokens } = await countTokens('gpt-5', text);
      expect(tokens).not.toBe(Math.ceil(text.length / 4));
    }
  });

  it('adds up to the count of the whole where a long text is cut between words', async () => {
    const long = (readme + code).repeat(20);
    expect([...countableSlices(long)].length).toBeGreaterThan(3);
    expect((await countTokens('gpt-5', long)).tokens).toBe(wholeCount(long));
  });

  it('takes what looks like a control token for the text that it is', async () => {
    expect((await countTokens('gpt-5', 'x<|endoftext|>y')).tokens).toBeGreaterThan(3);
  });

  it('loses and repeats no character, and counts every text', async () => {
    const anyText = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({ unit: fc.constantFrom('a', ' ', '!', '数', '👩', '\n', '7'), maxLength: 800 }),
    );
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        expect([...countableSlices(text)].join('')).toBe(text);
        const { tokens } = await countTokens('gpt-5', text);
        expect(tokens > 0).toBe(text.length > 0);
        expect(tokens).toBeLessThanOrEqual(Buffer.byteLength(text));
      }),
    );
  });

  it.each([
    ['one letter', 'a'],
    ['spaces', ' '],
    ['marks', '!?'],
    ['a script without spaces', '数えるところ漢字'],
  ])('takes time in proportion to the length of %s', async (_, unit) => {
    const time = async (characters: number): Promise<number> => {
      const times: number[] = [];
      for (let round = 0; round < 3; round += 1) {
        // Of this process alone: what else the machine does is no part of it.
        const before = process.cpuUsage();
        await countTokens('gpt-5', unit.repeat(characters / unit.length));
        const { user, system } = process.cpuUsage(before);
        times.push((user + system) / 1_000);
      }
      return Math.min(...times);
    };
    const [short, long] = [await time(16_000), await time(256_000)];
    // Sixteen times the text; its square would be 256 times.
    expect(long / Math.max(short, 1)).toBeLessThan(64);
  });
});
