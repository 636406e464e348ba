// Goal: where an account begins to ask, its own past is passed over, whoever else asked long before. Method: accounts
// that asked at different times.
import { accountScope, endUserScope, instant } from '@fairmeter/domain';
import { describe, expect, it } from '@jest/globals';
import { QueueWebhooks } from './queue-webhooks.js';

describe('what is queued for webhooks', () => {
  it('begins in the scope of an account when that account asked, and in those of visitors with the first', async () => {
    const asked = new Map([
      ['acc_long', instant(1_000)],
      ['acc_new', instant(9_000)],
    ]);
    const queue = async (): Promise<void> => undefined;
    const scopesOf = async (): Promise<string[]> => [...asked.keys()].map(accountScope);
    const consumer = new QueueWebhooks({ asked: async () => asked, queue }, { scopesOf });
    expect(await consumer.among(null)).toEqual(['account/acc_long', 'account/acc_new']);
    expect(consumer.since(accountScope('acc_new'))).toBe(9_000);
    expect(consumer.since(accountScope('acc_long'))).toBe(1_000);
    expect(consumer.since(endUserScope('bot_1', 'vis_1'))).toBe(1_000);
  });
});
