// Ledger room. A hot scope beside quiet ones, on a real Postgres: it makes room for them, and goes on.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { accept, accountScope, credits, instant, NO_CHANGES } from '@fairmeter/domain';
import { WriterDatabase } from '@fairmeter/platform/database';
import { openTestDatabase, type TestDatabase } from '../../../../test/harness/test-database.js';
import { LotLedger } from '../postings/lot-ledger.js';
import { LedgerStore } from './ledger-store.js';
import type { Post } from './post.js';
import { QuietPosts } from './quiet.js';

describe('quiet posts', () => {
  let database: TestDatabase;
  let writer: WriterDatabase;
  beforeAll(async () => {
    database = await openTestDatabase();
    writer = await WriterDatabase.open({ url: database.writerUrl, maxConnections: 8, applicationName: 'quiet' });
  }, 60_000);
  afterAll(async () => {
    await writer.close();
    await database.drop();
  }, 60_000);

  const open = async (store: LedgerStore, accountId: string): Promise<void> => {
    const lot = { kind: 'subscription', amount: credits(10n), validFrom: instant(0), expiresAt: null } as const;
    const granted = await new LotLedger(store).grantToAccount(accountId, instant(0), { ...lot, sourceRef: 'first' });
    expect(granted.ok).toBe(true);
  };

  const note = (accountId: string, key: string): Post<{ key: string }> => ({
    key,
    verb: 'note',
    body: { key },
    scopeId: accountScope(accountId),
    accountId,
    asOf: instant(0),
    load: {},
    decide: () => accept({ result: { key }, changes: NO_CHANGES, job: null, steps: [], attempts: [], events: [] }),
  });

  /** How many posts of the account each commit took. */
  const sizesOf = async (key: string): Promise<number[]> => {
    const rows = await writer.query<{ posts: bigint }>({
      text: `SELECT count(*) AS posts FROM ledger.operations WHERE key LIKE $1 GROUP BY xmin::text`,
      values: [`${key}:%`],
    });
    return rows.map(({ posts }) => Number(posts));
  };

  it('meet small groups of a hot scope, which goes on however many of them come', async () => {
    const store = new LedgerStore(writer);
    await open(store, 'acc_busy');
    await open(store, 'acc_calm');
    let isBusy = true;
    const calm = async (): Promise<number> => {
      let answered = 0;
      for (; isBusy; answered += 1) {
        const outcome = await store.post(note('acc_calm', `calm:${answered}`));
        expect(outcome.ok && !outcome.value.replayed).toBe(true);
      }
      return answered;
    };
    const calming = calm();
    const posts = Array.from({ length: 400 }, (_, index) => note('acc_busy', `busy:${index}`));
    const outcomes = await Promise.all(posts.map((post) => store.post(post)));
    isBusy = false;
    expect(await calming).toBeGreaterThan(0);
    expect(outcomes.every((outcome) => outcome.ok && !outcome.value.replayed)).toBe(true);
    const sizes = (await sizesOf('busy')).sort((one, other) => other - one);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(400);
    // The first of them came before anybody could tell that it is hot.
    const [first, ...others] = sizes;
    expect(first).toBeLessThan(24);
    expect(Math.max(...others)).toBeLessThanOrEqual(16);
  });

  it('are waited for until the last of them went', async () => {
    const quiet = new QuietPosts();
    await quiet.room(0);
    quiet.came('acc_calm');
    quiet.came('acc_calm');
    const gone = quiet.room(0).then(() => 'gone');
    quiet.went();
    quiet.went();
    await expect(gone).resolves.toBe('gone');
    expect(quiet.cameLately).toBe(true);
  });

  it('are waited for no longer than a breath', async () => {
    const quiet = new QuietPosts();
    quiet.came('acc_calm');
    await quiet.room(0);
    quiet.went();
    await quiet.room(0);
  });

  it('have half of the time while they ask, and no more than 20 ms at once', async () => {
    const quiet = new QuietPosts();
    const restAfter = async (workedMs: number): Promise<number> => {
      const beganAt = performance.now();
      await quiet.room(workedMs);
      return performance.now() - beganAt;
    };
    const orElse = async (ms: number): Promise<number> => sleep(ms, Number.NaN);
    // Nobody else is there: not even a timer is waited for.
    expect(await Promise.race([quiet.room(60_000).then(() => 'at once'), orElse(0)])).toBe('at once');
    quiet.came('acc_calm');
    quiet.went();
    expect(await restAfter(8)).toBeGreaterThan(6);
    quiet.came('acc_calm');
    quiet.went();
    expect(await Promise.race([restAfter(60_000), orElse(3_000)])).toBeGreaterThan(18);
  });

  it('are not those that a hot scope began with: it makes no room for itself', async () => {
    const quiet = new QuietPosts();
    for (let post = 0; post < 23; post++) quiet.came('acc_busy');
    quiet.turnedHot('acc_busy', 23);
    expect(quiet.cameLately).toBe(false);
    quiet.came('acc_calm');
    quiet.came('acc_busy');
    quiet.went();
    quiet.turnedHot('acc_busy', 1);
    expect(quiet.cameLately).toBe(true);
  });
});
