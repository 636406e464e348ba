// The ledger of an account on the real stack: whole and once under way, filtered, explained, and nobody else's.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { creditsBody } from '../../apps/api/src/account/credits-body.js';
import { ledgerBody } from '../../apps/api/src/account/ledger-body.js';
import { lotsBody } from '../../apps/api/src/account/lots-body.js';
import { BotClient } from '../harness/bot-client.js';
import { giveCredits, openBot } from '../harness/people.js';
import { threeSteps } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { Owner } from './account-client.js';
import { rowCounts } from './counts.js';

describe('the ledger of an account', () => {
  let stack: TestStack;
  let owner: Owner;
  let jobId: string;
  beforeAll(async () => {
    stack = await TestStack.start({ models: threeSteps().port });
    owner = await Owner.open(stack, { credits: '100' });
    const submitted = await owner.jobs.submit();
    jobId = String(submitted.body['id']);
    await owner.jobs.ended(jobId);
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  const seqsOf = (entries: readonly Readonly<Record<string, unknown>>[]): bigint[] =>
    entries.map(({ seq }) => BigInt(seq as string));

  it('says of every entry what moved, why, and what it left of its lot', async () => {
    const entries = await owner.all('ledger?order=oldest');
    const [lot] = await owner.lots();
    expect(entries[0]).toMatchObject({
      seq: '1',
      movement: 'granted',
      reason: 'Granted.',
      from: 'issued:subscription',
      to: `lot:${String(lot?.['id'])}:open`,
      amount: '100.000000',
      lot: { id: lot?.['id'], kind: 'subscription', open_after: '100.000000', held_after: '0.000000' },
      job_id: null,
      operation: { verb: 'grant' },
    });
    const charged = entries.filter(({ movement }) => movement === 'charged');
    expect(charged.map(({ amount, step, reason }) => [amount, step, reason])).toEqual(
      [1, 2, 3].map((step) => ['0.600000', step, `Charged for step ${step} of job ${jobId}.`]),
    );
    expect(entries.at(-1)).toMatchObject({ lot: { open_after: '98.200000', held_after: '0.000000' } });
    expect(lot).toMatchObject({ open: '98.200000', held: '0.000000', spent: '1.800000', granted: '100.000000' });
  });

  it('answers with what it described', async () => {
    const { entry_seq: newest } = await owner.credits();
    expect(ledgerBody.strict().parse((await owner.get('ledger')).body).data[0]?.seq).toBe(newest);
    expect(lotsBody.strict().parse((await owner.get('credits/lots')).body).next_cursor).toBeNull();
    expect(creditsBody.strict().parse((await owner.get('credits')).body).held).toBe('0.000000');
  });

  it('is found by job, by lot and by kind, newest first unless asked otherwise', async () => {
    const bonus = await giveCredits(stack, owner.accountId, { credits: '5', kind: 'bonus_promo' });
    const entries = await owner.all('ledger?limit=3');
    const seqs = seqsOf(entries);
    expect([...seqs].sort((a, b) => (a < b ? 1 : -1))).toEqual(seqs);
    expect(seqs.at(-1)).toBe(1n);
    const ofJob = entries.filter((entry) => entry['job_id'] === jobId);
    expect(await owner.all(`ledger?job_id=${jobId}&limit=2`)).toEqual(ofJob);
    const ofLot = entries.filter((entry) => (entry['lot'] as { id: string }).id === bonus);
    expect(await owner.all(`ledger?lot_id=${bonus}&limit=2`)).toEqual(ofLot);
    expect(await owner.all('ledger?kind=bonus_promo&limit=2')).toEqual(ofLot);
    expect(await owner.all('ledger?kind=subscription&limit=2&order=oldest')).toEqual(
      entries.filter((entry) => (entry['lot'] as { id: string }).id !== bonus).reverse(),
    );
    expect(await owner.all(`ledger?job_id=${jobId}&kind=bonus_promo&limit=2`)).toEqual([]);
    expect(await owner.all(`ledger?job_id=${jobId}&lot_id=${bonus}&limit=2`)).toEqual([]);
  });

  it('is listed whole and once while entries arrive between the pages', async () => {
    const busy = await Owner.open(stack, { credits: '1' });
    const give = async (): Promise<void> => {
      await Promise.all(
        [1, 2, 3].map(async () => giveCredits(stack, busy.accountId, { credits: '1', kind: 'compensation' })),
      );
    };
    for (let round = 0; round < 6; round += 1) await give();
    const newest = seqsOf(await busy.all('ledger?limit=4', give));
    expect(newest).toEqual(Array.from({ length: 19 }, (_, index) => 19n - BigInt(index)));
    const arrived = { rounds: 0 };
    const oldest = seqsOf(
      await busy.all('ledger?limit=10&order=oldest', async () => {
        if ((arrived.rounds += 1) <= 5) await give();
      }),
    );
    const { entry_seq: count } = await busy.credits();
    expect(oldest).toEqual(Array.from({ length: Number(count) }, (_, index) => BigInt(index) + 1n));
    // Lots are listed as they were at the first page.
    const before = await busy.credits();
    const lots = await busy.all('credits/lots?limit=7', give);
    expect(lots).toHaveLength(Number(before.entry_seq));
    expect(new Set(lots.map(({ id }) => id)).size).toBe(lots.length);
  }, 20_000);

  it('is nobody else\u2019s', async () => {
    const stranger = await Owner.open(stack);
    expect(await stranger.all('ledger?limit=50')).toEqual([]);
    expect(await stranger.all(`ledger?job_id=${jobId}`)).toEqual([]);
    const [lot] = await owner.lots();
    expect(await stranger.all(`ledger?lot_id=${String(lot?.['id'])}`)).toEqual([]);
    expect(await stranger.lots('?include_ended=true')).toEqual([]);
    expect(await stranger.credits()).toMatchObject({ total: '0.000000', entry_seq: '0' });
  });

  it('is answered again by the point of an answer, and by nothing that differs from it', async () => {
    const given = await Owner.open(stack, { credits: '5' });
    const credits = await given.credits();
    const lots = (await given.get('credits/lots')).body;
    const query = `?point=${credits['point'] as string}`;
    await giveCredits(stack, given.accountId, '1');
    expect(await given.credits(query)).toEqual(credits);
    expect((await given.get(`credits/lots?point=${String(lots['point'])}`)).body).toEqual(lots);
    expect(await given.lots(query)).toEqual(lots['data']);
    const refused = async (path: string): Promise<unknown> => (await given.get(path)).body['errors'];
    const another = (await owner.credits())['point'] as string;
    expect(await refused(`credits?point=${another}`)).toMatchObject([{ parameter: 'point' }]);
    expect(await refused(`credits${query}&as_of=2026-01-01T00:00:00Z`)).toMatchObject([{ parameter: 'as_of' }]);
    const { next_cursor: cursor, point } = (await given.get('credits/lots?limit=1')).body;
    const next = `credits/lots?limit=1&cursor=${String(cursor)}`;
    expect((await given.get(`${next}&point=${String(point)}`)).status).toBe(200);
    expect(await refused(`${next}&point=${credits['point'] as string}`)).toMatchObject([{ parameter: 'point' }]);
  });

  it('is closed to the key of a bot, of this account as well', async () => {
    const sibling = await openBot(stack, { accountId: owner.accountId });
    const own = new BotClient(stack, sibling);
    for (const path of ['credits', 'credits/lots', 'ledger', 'credits/stream']) {
      const answer = await own.get(`/v1/account/${path}`);
      expect([answer.status, answer.body['code'], answer.body['required_scope']]).toEqual([
        403,
        'forbidden',
        'account',
      ]);
    }
  });

  it.each([
    ['credits?as_of=2199-01-01T00:00:00Z', 'as_of'],
    ['credits?as_of=yesterday', 'as_of'],
    ['credits?as_of=2026-02-30T00:00:00Z', 'as_of'],
    ['credits?as_of=0000-01-01T00:00:00Z', 'as_of'],
    ['credits?as_of=2026-01-01', 'as_of'],
    ['credits?as_of=2026-01-01T00:00:00Z&as_of=2026-01-01T00:00:00Z', 'as_of'],
    ['credits?asof=2026-01-01T00:00:00Z', 'asof'],
    ['credits?point=', 'point'],
    ['credits?point=nonsense', 'point'],
    ['credits?point=MTpsZWRnZXI6bmV3ZXN0OjE', 'point'],
    ['credits?point=MTpwb2ludDphY2NvdW50L2FjY18xOjE6LTE6MDow', 'point'],
    ['credits/lots?point=MTpwb2ludDphY2NvdW50L2FjY19ub2JvZHk6MTowOjA6MA', 'point'],
    ['credits/lots?include_ended=yes', 'include_ended'],
    ['credits/lots?cursor=MTpsZWRnZXI6bmV3ZXN0OjE', 'cursor'],
    ['credits/lots?cursor=MTpsb3RzOmxpdmU6MTo5OTk5OTk5OTk5OTk5OTox', 'cursor'],
    ['ledger?limit=0', 'limit'],
    ['ledger?limit=201', 'limit'],
    ['ledger?limit=1e2', 'limit'],
    ['ledger?cursor=', 'cursor'],
    ['ledger?cursor=nonsense', 'cursor'],
    ['ledger?cursor=MTpsZWRnZXI6b2xkZXN0OjE', 'cursor'],
    ['ledger?cursor=MTpsZWRnZXI6bmV3ZXN0Oi0x', 'cursor'],
    ['ledger?job_id=job_%00', 'job_id'],
    ['ledger?lot_id=1', 'lot_id'],
    ['ledger?kind=gift', 'kind'],
    ['ledger?order=random', 'order'],
  ])('refuses %s and names %s', async (path, parameter) => {
    const before = await rowCounts(stack);
    const answer = await owner.get(path);
    expect([answer.status, answer.body['code']]).toEqual([422, 'validation_failed']);
    expect(answer.body['errors']).toMatchObject([{ parameter }]);
    expect(await rowCounts(stack)).toEqual(before);
  });
});
