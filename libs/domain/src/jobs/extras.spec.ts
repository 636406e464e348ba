// Goal: the request says which extras it wants, else its bot.
import { describe, expect, it } from '@jest/globals';
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
