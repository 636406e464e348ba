// An account's own days and limits, on the real stack: told before anything was spent, paid first, refused with the
// instant that brings more, stopped by a limit under a code of its own.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LimitChange, MicroCredits } from '@fairmeter/domain';
import { accountScope, instant } from '@fairmeter/domain';
import { expectLedgerHolds } from '../harness/audit.js';
import { amount } from '../harness/people.js';
import { threeSteps } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { Owner } from './account-client.js';

const DAY = 86_400_000;
/** Kathmandu is 5 h 45 min ahead of UTC the year round, so its midnight is 18:15 UTC. */
const MIDNIGHT_IN_KATHMANDU = 18.25 * 3_600_000;

function nextMidnight(): string {
  const now = Date.now();
  const since = (now - MIDNIGHT_IN_KATHMANDU) % DAY;
  return new Date(now - since + DAY).toISOString();
}

describe('an account with days of its own', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.start({ models: threeSteps().port });
  }, 60_000);
  afterAll(async () => {
    await expectLedgerHolds(stack);
    await stack.stop();
  }, 60_000);

  let changes = 0;
  const post = (owner: Owner) => ({
    owner: { scopeId: accountScope(owner.accountId), accountId: owner.accountId },
    changeKey: `change-${(changes += 1)}`,
    asOf: instant(Date.now()),
  });
  const inKathmandu = async (daily: MicroCredits): Promise<Owner> => {
    const owner = await Owner.open(stack, { credits: '100' });
    await stack.terms.setTerms({ ...post(owner), order: { zone: 'Asia/Kathmandu', dailyAllowance: daily } });
    return owner;
  };
  const setLimit = async (owner: Owner, limit: LimitChange): Promise<void> => {
    expect(await stack.terms.setLimits({ ...post(owner), order: [limit] })).toMatchObject({ ok: true });
  };

  it('[E3] [E43] reads the day and its reset before anything needed it, and pays from it first', async () => {
    const owner = await inKathmandu(amount('5'));
    const daily = { available: '5.000000', next_reset_at: nextMidnight() };
    expect(await owner.credits()).toMatchObject({ available: '105.000000', daily });
    const [today] = await owner.lots();
    expect(today).toMatchObject({ kind: 'daily', open: '5.000000', spent: '0.000000', expires_at: nextMidnight() });
    const submitted = await owner.jobs.submit();
    await owner.jobs.ended(String(submitted.body['id']));
    expect(await owner.credits()).toMatchObject({
      available: '103.200000',
      daily: { ...daily, available: '3.200000' },
      subscription: { available: '100.000000' },
    });
    expect((await owner.lots())[0]).toEqual({ ...today, open: '3.200000', spent: '1.800000' });
  });

  it('[D11] is refused at zero with the instant that brings more', async () => {
    const owner = await Owner.open(stack);
    await stack.terms.setTerms({ ...post(owner), order: { zone: 'Asia/Kathmandu', dailyAllowance: amount('0.05') } });
    const refused = await owner.jobs.submit();
    expect(refused).toMatchObject({
      status: 402,
      body: { code: 'credits_exhausted', available: '0.050000', resets_at: nextMidnight(), options: ['tell_owner'] },
    });
  });

  it('[A16] stops a key at its own limit under its own code, and lets it go on when the limit is raised', async () => {
    const owner = await inKathmandu(amount('0'));
    const [key] = await stack.entities.manager.query<{ id: string }[]>(
      'SELECT id FROM records.api_keys WHERE bot_id = $1',
      [owner.bot.botId],
    );
    const limit = { kind: 'key', subject: key?.id ?? '', period: 'day' } as const;
    await setLimit(owner, { ...limit, amount: amount('2') });
    const first = await owner.jobs.submit({ key: 'first' });
    await owner.jobs.ended(String(first.body['id']));
    const refused = await owner.jobs.submit({ key: 'second' });
    expect(refused.body).toMatchObject({ code: 'key_limit_reached', limit: '2.000000', used: '1.800000' });
    expect(refused.body).not.toHaveProperty('id');
    await setLimit(owner, { ...limit, amount: amount('20') });
    const again = await owner.jobs.submit({ key: 'second' });
    expect(again.status).toBe(202);
    await owner.jobs.ended(String(again.body['id']));
    expect(await owner.credits()).toMatchObject({ available: '96.400000', held: '0.000000' });
  });
});
