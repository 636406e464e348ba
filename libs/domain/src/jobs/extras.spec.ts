// Goal: the request says which extras it wants, else its bot; and what context looks like is what it is reckoned at.
import { describe, expect, it } from '@jest/globals';
import { promptWithContext, renderContext } from './context.js';
import { ALL_EXTRAS, chosenExtras, NO_EXTRAS } from './extras.js';

describe('extras', () => {
  const coding = { botType: 'coding', usual: { ...NO_EXTRAS, tests: true }, asked: {}, mayPack: true } as const;

  it('[A10] are those of the bot, switched on and off by the request', () => {
    expect(chosenExtras(coding)).toEqual({ ...NO_EXTRAS, tests: true });
    const asked = { tests: false, explanation: true, zip: undefined };
    expect(chosenExtras({ ...coding, asked })).toEqual({ ...NO_EXTRAS, explanation: true });
  });

  it('leave the ZIP out where files may not be packed, and bring a chat bot nothing', () => {
    const usual = ALL_EXTRAS;
    expect(chosenExtras({ ...coding, usual, mayPack: false })).toEqual({ ...ALL_EXTRAS, zip: false });
    expect(chosenExtras({ ...coding, usual, botType: 'chat', asked: { tests: true } })).toEqual(NO_EXTRAS);
  });
});

describe('context', () => {
  const files = [
    { name: 'a.ts', content: 'const a = 1;' },
    { name: 'b.ts', content: 'ä', selection: { from: 2, to: 3 } },
  ];

  it('is shown behind the prompt, each file under its name', () => {
    expect(promptWithContext('Mend it', files)).toBe(
      'Mend it\n\n=== a.ts\nconst a = 1;\n\n=== b.ts (about lines 2 to 3)\nä',
    );
  });

  it('adds to a prompt just what it is itself, and nothing without files', () => {
    expect(promptWithContext('p', files)).toBe(`p${renderContext(files)}`);
    expect(promptWithContext('p', [])).toBe('p');
  });
});
