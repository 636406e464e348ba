// What an account has, on the real stack: kinds apart, one snapshot, the same answer for the same instant for good.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { formatCredits, instant, microCredits } from '@fairmeter/domain';
import { expectLedgerHolds } from '../harness/audit.js';
import { amount, giveCredits } from '../harness/people.js';
import { byStage, reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { Owner, type Figures } from './account-client.js';

const DAY = 86_400_000;
const pause = async (ms: number): Promise<void> => new Promise((resume) => setTimeout(resume, ms));

describe('the credits of an account', () => {
  let stack: TestStack;
  beforeAll(async () => {
    // Steps that take a moment, so that there is something to see in mid-job.
    const slow = { delayMs: 60 };
    const models = byStage({
      plan: [{ ...reply('plan'), ...slow }],
      generate: [{ ...reply('=== a.js'), ...slow }],
      review: [{ ...reply('APPROVED'), ...slow }],
    });
    stack = await TestStack.start({ models: models.port });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  it('[E2] [E43] come by kind, each with its next change, and as one total', async () => {
    const owner = await Owner.open(stack);
    const now = Date.now();
    const at = (days: number): string => new Date(now + days * DAY).toISOString();
    const ends = (days: number) => ({ expiresAt: instant(now + days * DAY) });
    const lots = [
      { credits: '5', kind: 'daily', ...ends(1) },
      { credits: '100.5', kind: 'subscription', ...ends(20) },
      { credits: '300', kind: 'subscription', validFrom: instant(now + 20 * DAY), ...ends(50) },
      { credits: '10', kind: 'bonus_promo', ...ends(7) },
      { credits: '2', kind: 'bonus_promo', ...ends(9) },
      { credits: '4', kind: 'compensation' },
      { credits: '30', kind: 'bundle' },
    ] as const;
    for (const lot of lots) await giveCredits(stack, owner.accountId, lot);
    const all = (credits: string) => ({ available: credits, held: '0.000000', total: credits });
    const figures = await owner.credits();
    expect(figures).toMatchObject({
      ...all('151.500000'),
      daily: { ...all('5.000000'), next_reset_at: at(1) },
      subscription: {
        ...all('100.500000'),
        period_end: at(20),
        next_period: { starts_at: at(20), amount: '300.000000' },
      },
      bonus: { ...all('46.000000'), expires_at: at(7), expiring: '10.000000' },
      entry_seq: '7',
    });
    const { kinds } = figures['bonus'] as { kinds: Record<string, unknown>[] };
    expect(kinds.map(({ kind, total, expires_at: end }) => [kind, total, end])).toEqual([
      ['bonus_admin', '0.000000', null],
      ['bonus_promo', '12.000000', at(7)],
      ['bonus_community', '0.000000', null],
      ['compensation', '4.000000', null],
      ['bundle', '30.000000', null],
    ]);
  });

  it('[E11] lose a dated bonus at its end and keep an undated one; the past keeps both', async () => {
    const owner = await Owner.open(stack);
    await giveCredits(stack, owner.accountId, { credits: '7', kind: 'bonus_promo' });
    const expiresAt = instant(Date.now() + 2_000);
    await giveCredits(stack, owner.accountId, { credits: '3', kind: 'bonus_promo', expiresAt });
    const before = await owner.credits();
    expect(before).toMatchObject({
      total: '10.000000',
      bonus: { expires_at: new Date(expiresAt).toISOString(), expiring: '3.000000' },
    });
    await pause(expiresAt - Date.now() + 20);
    expect(await owner.credits()).toMatchObject({ total: '7.000000', bonus: { expires_at: null, expiring: null } });
    expect(await owner.lots()).toMatchObject([{ state: 'live', granted: '7.000000', expires_at: null }]);
    expect((await owner.lots('?include_ended=true'))[1]).toMatchObject({
      state: 'ended',
      granted: '3.000000',
      open: '0.000000',
      lapsed: '3.000000',
      spent: '0.000000',
      expires_at: new Date(expiresAt).toISOString(),
    });
    expect(await owner.credits(`?as_of=${before['as_of'] as string}`)).toEqual(before);
  }, 15_000);

  it('[E12] stack: two grants are two lots, and the total is their sum', async () => {
    const owner = await Owner.open(stack);
    const first = await giveCredits(stack, owner.accountId, { credits: '20', kind: 'bonus_admin' });
    const second = await giveCredits(stack, owner.accountId, { credits: '5', kind: 'bonus_admin' });
    expect(await owner.credits()).toMatchObject({ total: '25.000000', bonus: { total: '25.000000' } });
    const lots = await owner.lots();
    expect(lots.map(({ id, open }) => [id, open])).toEqual([
      [first, '20.000000'],
      [second, '5.000000'],
    ]);
  });

  it('[X18] add up in every answer while jobs run: available, held and spent come from one snapshot', async () => {
    const owner = await Owner.open(stack, { credits: '100' });
    await giveCredits(stack, owner.accountId, { credits: '2', kind: 'bonus_promo' });
    const jobs = Promise.all(
      Array.from({ length: 5 }, async (_, index) => {
        const submitted = await owner.jobs.submit({ key: `mid-${index}` });
        return owner.jobs.ended(String(submitted.body['id']));
      }),
    );
    const answers: Figures[] = [];
    const running = { over: false };
    void jobs.then(() => {
      running.over = true;
    });
    while (!running.over) answers.push(await owner.credits());
    answers.push(await owner.credits());
    const spentBy = await spentByEntry(owner);
    for (const answer of answers) {
      const sum = amount(answer['available'] as string) + amount(answer['held'] as string);
      expect(formatCredits(microCredits(sum + (spentBy.get(answer.entry_seq) ?? 0n)))).toBe('102.000000');
      expect(answer['total']).toBe(formatCredits(microCredits(sum)));
    }
    expect(answers.some((answer) => answer['held'] !== '0.000000')).toBe(true);
    for (const job of await jobs) expect(job.body['charge']).toBe('1.800000');
    expect(answers.at(-1)).toMatchObject({ available: '93.000000', held: '0.000000', total: '93.000000' });
    // Asked again by its point each answer is the same to the last digit, whatever was being written at that moment.
    for (const answer of new Map(answers.map((one) => [one.entry_seq, one])).values()) {
      expect(await owner.credits(`?point=${answer['point'] as string}`)).toEqual(answer);
    }
    // By its instant it is so too, unless something was.
    const last = new Map(answers.map((answer) => [answer['as_of'] as string, answer]));
    for (const [asOf, answer] of [...last].slice(0, 20)) {
      const again = await owner.credits(`?as_of=${asOf}`);
      // Entries and events of that very millisecond may have come right after, and an event may come without an entry.
      if (again.entry_seq === answer.entry_seq && again['event_seq'] === answer['event_seq']) {
        expect(again).toEqual(answer);
        continue;
      }
      for (const seq of ['entry_seq', 'event_seq']) {
        expect(BigInt(String(again[seq]))).toBeGreaterThanOrEqual(BigInt(String(answer[seq])));
      }
    }
    await expectLedgerHolds(stack);
  }, 30_000);

  it('are what the lots hold, and nothing before the first grant', async () => {
    const owner = await Owner.open(stack);
    const empty = await owner.credits();
    expect(empty).toMatchObject({ available: '0.000000', total: '0.000000', entry_seq: '0', event_seq: '0' });
    await pause(3);
    await giveCredits(stack, owner.accountId, '12.345678');
    expect(await owner.credits()).toMatchObject({ available: '12.345678' });
    expect(await owner.credits(`?as_of=${empty['as_of'] as string}`)).toEqual(empty);
    expect(await owner.credits('?as_of=1970-01-01T01:00:00%2B01:00')).toMatchObject({ total: '0.000000' });
  });

  /** What had been consumed up to each entry, from the entries alone. */
  async function spentByEntry(owner: Owner): Promise<Map<string, bigint>> {
    const rows = await stack.entities.manager.query<{ seq: string; spent: string }[]>(
      `SELECT scope_seq::text AS seq, sum(CASE WHEN to_account LIKE 'consumed:%' THEN amount ELSE 0 END)
         OVER (ORDER BY scope_seq)::text AS spent
       FROM ledger.entries WHERE account_id = $1`,
      [owner.accountId],
    );
    return new Map(rows.map((row) => [row.seq, BigInt(row.spent)]));
  }
});
