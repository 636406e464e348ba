// Ledger room. Groups on a real Postgres: what waits together is committed together, and what fails fails alone.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MicroCredits } from '@fairmeter/domain';
import { accept, accountScope, credits, instant, NO_CHANGES, refuse } from '@fairmeter/domain';
import { WriterDatabase, withClient } from '@fairmeter/platform/database';
import { openTestDatabase, type TestDatabase } from '../../../../test/harness/test-database.js';
import { LotLedger } from '../postings/lot-ledger.js';
import { LedgerStore } from './ledger-store.js';
import type { Post, PostOutcome } from './post.js';

describe('group commit', () => {
  let database: TestDatabase;
  let writer: WriterDatabase;
  beforeAll(async () => {
    database = await openTestDatabase();
    writer = await WriterDatabase.open({ url: database.writerUrl, maxConnections: 8, applicationName: 'groups' });
  }, 60_000);
  afterAll(async () => {
    await writer.close();
    await database.drop();
  }, 60_000);

  const open = async (store: LedgerStore, accountId: string): Promise<void> => {
    const granted = await new LotLedger(store).grantToAccount(accountId, instant(0), {
      kind: 'subscription',
      amount: credits(10n),
      validFrom: instant(0),
      expiresAt: null,
      sourceRef: 'first',
    });
    expect(granted.ok).toBe(true);
  };

  const note = (accountId: string, key: string, more: Partial<Post<{ key: string }>> = {}): Post<{ key: string }> => ({
    key,
    verb: 'note',
    body: { key },
    scopeId: accountScope(accountId),
    accountId,
    asOf: instant(0),
    load: {},
    decide: () => accept({ result: { key }, changes: NO_CHANGES, job: null, steps: [], attempts: [], events: [] }),
    ...more,
  });

  it('commits what waits on a hot scope in few transactions, each post once', async () => {
    const store = new LedgerStore(writer);
    await open(store, 'acc_hot');
    const posts = Array.from({ length: 400 }, (_, index) => note('acc_hot', `hot:${index}`));
    const outcomes = await Promise.all(posts.map((post) => store.post(post)));
    expect(outcomes.every((outcome) => outcome.ok && !outcome.value.replayed)).toBe(true);
    const rows = await writer.query<{ posts: bigint; commits: bigint }>(
      `SELECT count(*) AS posts, count(DISTINCT xmin::text) AS commits FROM ledger.operations WHERE key LIKE 'hot:%'`,
    );
    expect(rows[0]?.posts).toBe(400n);
    expect(Number(rows[0]?.commits)).toBeLessThan(20);
  });

  it('opens every scope that is granted to, behind a slow decision too, and none whose first is refused', async () => {
    const store = new LedgerStore(writer, { lanes: 1, decideMs: 2 });
    let isFirst = true;
    const slow = note('acc_slow', 'slow', {
      load: { openScope: true },
      decide: () => {
        const until = performance.now() + (isFirst ? 40 : 0);
        while (performance.now() < until) isFirst = false;
        return accept({ result: { key: 'slow' }, changes: NO_CHANGES, job: null, steps: [], attempts: [], events: [] });
      },
    });
    const refused = (name: string): Promise<PostOutcome<{ key: string }>> =>
      store.post(
        note(name, `${name}:first`, { load: { openScope: true }, decide: () => refuse({ code: 'job_not_found' }) }),
      );
    const names = Array.from({ length: 300 }, (_, index) => `acc_new_${index}`);
    const [first, ...no] = await Promise.all([
      store.post(slow),
      ...names.slice(0, 5).map((name) => refused(`no_${name}`)),
      ...names.map((name) => open(store, name)),
    ]);
    expect(first).toMatchObject({ ok: true });
    expect(no.slice(0, 5)).toMatchObject(Array(5).fill({ ok: false, refusal: { code: 'job_not_found' } }));
    const rows = await writer.query<{ opened: bigint; idle: bigint }>(
      `SELECT count(*) FILTER (WHERE id LIKE 'account/acc_new_%') AS opened,
        count(*) FILTER (WHERE id LIKE 'account/no_acc_new_%') AS idle FROM ledger.scopes`,
    );
    expect(rows[0]).toEqual({ opened: 300n, idle: 0n });
  });

  it('gives the second of two equal keys in one group the answer of the first, and refuses another body', async () => {
    const store = new LedgerStore(writer);
    await open(store, 'acc_twins');
    const [first, second, other] = await Promise.all([
      store.post(note('acc_twins', 'twin')),
      store.post(note('acc_twins', 'twin')),
      store.post(note('acc_twins', 'twin', { body: { key: 'other' } })),
    ]);
    expect(first).toMatchObject({ ok: true, value: { result: { key: 'twin' }, replayed: false } });
    expect(second).toMatchObject({ ok: true, value: { result: { key: 'twin' }, replayed: true } });
    expect(other).toMatchObject({ ok: false, refusal: { code: 'operation_mismatch' } });
  });

  it('lets a post whose decision breaks fail alone', async () => {
    const store = new LedgerStore(writer);
    await open(store, 'acc_broken');
    const breaks = note('acc_broken', 'breaks', {
      decide: () => {
        throw new Error('a rule is broken');
      },
    });
    const settled = await Promise.allSettled([
      store.post(note('acc_broken', 'before')),
      store.post(breaks),
      store.post(note('acc_broken', 'after')),
    ]);
    expect(settled.map((each) => each.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('lets a post that the database refuses fail alone', async () => {
    const store = new LedgerStore(writer);
    await open(store, 'acc_poison');
    const poison = note('acc_poison', 'poison', {
      decide: ({ snapshot }) => {
        const [lot] = [...snapshot.lots.values()];
        if (lot === undefined) throw new Error('the lot was opened before');
        const below = { ...lot, open: -1n as MicroCredits };
        const changes = { ...NO_CHANGES, lots: [below] };
        return accept({ result: { key: 'poison' }, changes, job: null, steps: [], attempts: [], events: [] });
      },
    });
    const settled = await Promise.allSettled([
      store.post(note('acc_poison', 'neighbour 1')),
      store.post(poison),
      store.post(note('acc_poison', 'neighbour 2')),
    ]);
    expect(settled.map((each) => each.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const rows = await writer.query<{ key: string }>(
      `SELECT key FROM ledger.operations WHERE scope_id = 'account/acc_poison' AND verb = 'note' ORDER BY key`,
    );
    expect(rows.map((row) => row.key)).toEqual(['neighbour 1', 'neighbour 2']);
  });

  it('goes around a scope that somebody else holds, and comes back to it', async () => {
    const store = new LedgerStore(writer, { lanes: 1 });
    await open(store, 'acc_blocked');
    await open(store, 'acc_free');
    const finished: string[] = [];
    await withClient(database.writerUrl, async (other) => {
      await other.query('BEGIN');
      await other.query(`SELECT 1 FROM ledger.scopes WHERE id = 'account/acc_blocked' FOR UPDATE`);
      const blocked = store.post(note('acc_blocked', 'waits')).then(() => finished.push('blocked'));
      await store.post(note('acc_free', 'passes')).then(() => finished.push('free'));
      await store.post(note('acc_free', 'passes again')).then(() => finished.push('free again'));
      expect(finished).toEqual(['free', 'free again']);
      await other.query('COMMIT');
      await blocked;
    });
    expect(finished).toEqual(['free', 'free again', 'blocked']);
  });

  it('says that it is busy when more wait than it lets wait', async () => {
    const store = new LedgerStore(writer, { waitingMax: 2 });
    await open(store, 'acc_busy');
    const outcomes = await Promise.all([1, 2, 3].map((index) => store.post(note('acc_busy', `busy:${index}`))));
    expect(outcomes.map((outcome) => (outcome.ok ? 'done' : outcome.refusal.code))).toEqual([
      'done',
      'done',
      'ledger_busy',
    ]);
  });

  it('a lock that never comes free ends in ledger_busy, and the scope works again afterwards', async () => {
    const store = new LedgerStore(writer, { blockedTries: 2 });
    await open(store, 'acc_stuck');
    await withClient(database.writerUrl, async (other) => {
      await other.query('BEGIN');
      await other.query(`SELECT 1 FROM ledger.scopes WHERE id = 'account/acc_stuck' FOR UPDATE`);
      const outcome = await store.post(note('acc_stuck', 'stuck'));
      expect(outcome).toEqual({ ok: false, refusal: { code: 'ledger_busy' } });
      await other.query('ROLLBACK');
    });
    expect(await store.post(note('acc_stuck', 'stuck'))).toMatchObject({ ok: true });
  });

  it('answers every post once when a blocked scope and a poisoned post meet in one group', async () => {
    const store = new LedgerStore(writer, { lanes: 1 });
    await open(store, 'acc_held');
    await open(store, 'acc_sick');
    const poison = note('acc_sick', 'sick', {
      decide: ({ snapshot }) => {
        const lots = [...snapshot.lots.values()].map((lot) => ({ ...lot, open: -1n as MicroCredits }));
        const changes = { ...NO_CHANGES, lots };
        return accept({ result: { key: 'sick' }, changes, job: null, steps: [], attempts: [], events: [] });
      },
    });
    await withClient(database.writerUrl, async (other) => {
      await other.query('BEGIN');
      await other.query(`SELECT 1 FROM ledger.scopes WHERE id = 'account/acc_held' FOR UPDATE`);
      const both = Promise.allSettled([store.post(note('acc_held', 'held once')), store.post(poison)]);
      await new Promise((resume) => setTimeout(resume, 900));
      await other.query('COMMIT');
      expect((await both).map((each) => each.status)).toEqual(['fulfilled', 'rejected']);
    });
    expect(await store.post(note('acc_held', 'held once'))).toMatchObject({ ok: true, value: { replayed: true } });
  });

  it('decides what it put off, also for a scope that waits apart', async () => {
    const store = new LedgerStore(writer, { lanes: 1, decideMs: 0 });
    await open(store, 'acc_late');
    await withClient(database.writerUrl, async (other) => {
      await other.query('BEGIN');
      await other.query(`SELECT 1 FROM ledger.scopes WHERE id = 'account/acc_late' FOR UPDATE`);
      const posts = Promise.all([1, 2, 3, 4, 5].map((number) => store.post(note('acc_late', `late:${number}`))));
      await new Promise((resume) => setTimeout(resume, 400));
      await other.query('COMMIT');
      expect((await posts).every((outcome) => outcome.ok)).toBe(true);
    });
  });

  it('gives up on a table that stays locked instead of asking for ever', async () => {
    const store = new LedgerStore(writer, { lanes: 1, blockedTries: 2 });
    await open(store, 'acc_table');
    await withClient(database.ownerUrl, async (other) => {
      await other.query('BEGIN');
      await other.query('LOCK TABLE ledger.operations IN ACCESS EXCLUSIVE MODE');
      const outcome = await store.post(note('acc_table', 'locked out'));
      expect(outcome).toEqual({ ok: false, refusal: { code: 'ledger_busy' } });
      await other.query('ROLLBACK');
    });
    expect(await store.post(note('acc_table', 'locked out'))).toMatchObject({ ok: true });
  });
});
