// The stream of an account's figures on the real stack: at once, never stale, and no more than a reader can use.
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { instant } from '@fairmeter/domain';
import { giveCredits } from '../harness/people.js';
import { threeSteps } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { Owner } from './account-client.js';

describe('the stream of figures', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.start({ models: threeSteps().port });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  it('[D6] tells the new figure within a second of the end of a job, and a read then is not older', async () => {
    const owner = await Owner.open(stack, { credits: '100' });
    const stream = await owner.follow();
    expect((await stream.until(() => true)).figures).toMatchObject({ available: '100.000000', entry_seq: '1' });
    for (let round = 1; round <= 8; round += 1) {
      const submitted = await owner.jobs.submit({ key: `round-${round}` });
      const events = await fetch(`${stack.apiUrl}/v1/jobs/${String(submitted.body['id'])}/events`, {
        headers: { authorization: `Bearer ${owner.key}` },
      });
      // The stream of a job ends with `job.ended`.
      const ofJob = await events.text();
      const endedAt = performance.now();
      const available = `${(100 - round * 1.8).toFixed(6)}`;
      expect(ofJob.split('event: job.ended')[1]).toContain(`"available":"${available}"`);
      expect(await owner.credits()).toMatchObject({ available, held: '0.000000' });
      const told = await stream.until(
        (figures) => figures['available'] === available && figures['held'] === '0.000000',
      );
      expect(told.arrivedAt - endedAt).toBeLessThan(1_000);
    }
    stream.close();
  }, 30_000);

  it('[D6] is never ahead of a read, fifty times over', async () => {
    const owner = await Owner.open(stack, { credits: '1' });
    const stream = await owner.follow();
    for (let round = 2; round <= 51; round += 1) {
      const before = performance.now();
      await giveCredits(stack, owner.accountId, { credits: '1', kind: 'bonus_promo' });
      const told = await stream.until((figures) => figures['available'] === `${round}.000000`);
      const read = await owner.credits();
      expect(BigInt(read.entry_seq)).toBeGreaterThanOrEqual(BigInt(told.figures.entry_seq));
      expect(read['available']).toBe(told.figures['available']);
      expect(told.arrivedAt - before).toBeLessThan(1_000);
    }
    stream.close();
  }, 30_000);

  it('tells at most ten figures a second, and always the last', async () => {
    const owner = await Owner.open(stack, { credits: '1' });
    const stream = await owner.follow();
    await stream.until(() => true);
    const from = performance.now();
    for (let given = 1; given <= 120; given += 1) {
      await giveCredits(stack, owner.accountId, { credits: '1', kind: 'bundle' });
    }
    const last = await stream.until((figures) => figures['available'] === '121.000000');
    expect(stream.seen.length).toBeLessThanOrEqual(2 + (last.arrivedAt - from) / 100);
    const seqs = stream.seen.map(({ figures }) => BigInt(figures.entry_seq));
    expect([...seqs].sort((a, b) => (a < b ? -1 : 1))).toEqual(seqs);
    stream.close();
  });

  it('tells when a lot ends by itself', async () => {
    const owner = await Owner.open(stack, { credits: '1' });
    // Long enough to be told with it first.
    const expiresAt = instant(Date.now() + 2_000);
    await giveCredits(stack, owner.accountId, { credits: '5', kind: 'bonus_promo', expiresAt });
    const stream = await owner.follow();
    await stream.until((figures) => figures['available'] === '6.000000');
    const told = await stream.until((figures) => figures['available'] === '1.000000');
    expect(Date.now() - expiresAt).toBeLessThan(1_000);
    expect(told.figures.entry_seq).toBe('2');
    stream.close();
  });

  it('is the number of the last event, and nobody else\u2019s figures', async () => {
    const owner = await Owner.open(stack, { credits: '10' });
    const other = await Owner.open(stack, { credits: '99' });
    const stream = await owner.follow();
    const submitted = await owner.jobs.submit();
    await owner.jobs.ended(String(submitted.body['id']));
    await giveCredits(stack, other.accountId, '1');
    const told = await stream.until((figures) => figures['available'] === '8.200000');
    const rows = await stack.entities.manager.query<{ seq: string }[]>(
      'SELECT max(scope_seq)::text AS seq FROM ledger.outbox WHERE account_id = $1',
      [owner.accountId],
    );
    expect(told.id).toBe(rows[0]?.seq);
    for (const { figures } of stream.seen) expect(figures['total']).toMatch(/^(10|9|8)\./);
    stream.close();
  });

  it('ends when the API goes down, which waits for no connection that has said nothing', async () => {
    const owner = await Owner.open(stack, { credits: '1' });
    const api = await stack.startApi();
    const response = await fetch(`${api.url}/v1/account/credits/stream`, {
      headers: { authorization: `Bearer ${owner.key}` },
    });
    const reading = response.text();
    const silent = connect(Number(new URL(api.url).port), '127.0.0.1');
    await once(silent, 'connect');
    const from = performance.now();
    await api.close();
    expect(await reading).toContain('event: credits');
    expect(performance.now() - from).toBeLessThan(3_000);
    await stack.startApi();
  });
});
