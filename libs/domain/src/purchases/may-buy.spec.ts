// Goal: nothing is sold that nobody could use. Method: every status, archived or not, private or not, as a table.
import { describe, expect, it } from '@jest/globals';
import { ACCOUNT_STATUSES } from '../accounts/status.js';
import { whyNoBundle, whyNoPack } from './may-buy.js';

describe('whether credits may be bought', () => {
  it('is for an account a matter of its status', () => {
    expect(ACCOUNT_STATUSES.filter((status) => whyNoBundle(status) === null)).toEqual([
      'active',
      'past_due',
      'suspended',
    ]);
    expect(whyNoBundle('closed')).toEqual({ code: 'account_not_active', status: 'closed' });
  });

  it('[edge 68] is for a visitor a matter of the bot, and of the account that answers for it', () => {
    const bot = { accountStatus: 'active', archived: false, visibility: 'public' } as const;
    const codes = [
      bot,
      { ...bot, accountStatus: 'past_due' },
      { ...bot, accountStatus: 'suspended', archived: true },
      { ...bot, accountStatus: 'closed' },
      { ...bot, archived: true, visibility: 'private' },
      { ...bot, visibility: 'private' },
      null,
    ] as const;
    expect(codes.map((one) => whyNoPack(one)?.code ?? 'sold')).toEqual([
      ...['sold', 'sold', 'account_not_active', 'account_not_active', 'bot_archived', 'bot_private', 'bot_not_found'],
    ]);
  });
});
