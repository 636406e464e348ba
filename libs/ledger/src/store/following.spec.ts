// Goal: a group that was decided while another was being written stands on what is true when it is written itself.
// Method: small groups in one lane, so that each but the first is decided ahead, and whatever may come between.
import { describe, expect, it } from '@jest/globals';
import type { MicroCredits } from '@fairmeter/domain';
import { accept, accountScope, Book, credits, instant, NO_CHANGES } from '@fairmeter/domain';
import { newId, withClient } from '@fairmeter/platform/database';
import type { LedgerDatabase } from '../../../../test/harness/ledger-database.js';
import { admitOrder, botTerms, grantOrder, T0 } from '../../../../test/harness/orders.js';
import { eachOnItsOwnAccount } from '../../../../test/harness/own-account.js';
import { pause } from '../../../../test/harness/until.js';
import { JobLedger } from '../postings/job-ledger.js';
import { LotLedger } from '../postings/lot-ledger.js';
import { LedgerStore } from './ledger-store.js';
import type { Ground, Post } from './post.js';

const ONE_MICRO = 1n as MicroCredits;
const SMALL = { lanes: 1, groupSize: 2 };

let db: LedgerDatabase;
let accountId: string;

eachOnItsOwnAccount('10', (own) => {
  ({ db, accountId } = own);
});

interface Seen {
  readonly seq: string;
  readonly open: string;
}

/** Sets one micro-credit aside, and answers with what it stood on. */
function post(name: string, of = accountId): Post<Seen> {
  return {
    key: `${of}:${name}`,
    verb: 'look',
    body: { name },
    scopeId: accountScope(of),
    accountId: of,
    asOf: instant(0),
    load: {},
    decide: ({ snapshot, at }: Ground) => {
      const [lot] = [...snapshot.lots.values()];
      if (lot === undefined) throw new Error('the account has a lot');
      const book = new Book(snapshot, at);
      book.setAside(lot.id, ONE_MICRO);
      const result = { seq: `${snapshot.entrySeq}`, open: `${lot.open}` };
      return accept({ result, changes: book.changes(), job: null, steps: [], attempts: [], events: [] });
    },
  };
}

/** One that the database refuses, after it has spoilt what is in memory. */
function poison(): Post<Seen> {
  return {
    ...post('poison'),
    decide: ({ snapshot }: Ground) => {
      const lots = [...snapshot.lots.values()].map((lot) => ({ ...lot, open: -1n as MicroCredits }));
      const changes = { ...NO_CHANGES, lots };
      const result = { seq: '-1', open: '-1' };
      return accept({ result, changes, job: null, steps: [], attempts: [], events: [] });
    },
  };
}

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `post ${index}`);

async function seen(posts: readonly Promise<Awaited<ReturnType<LedgerStore['post']>>>[]): Promise<Seen[]> {
  const outcomes = await Promise.all(posts);
  return outcomes.map((outcome) => {
    if (!outcome.ok) throw new Error(outcome.refusal.code);
    return outcome.value.result as Seen;
  });
}

/** The grant is the first entry, and each post stands on what the one before it left. */
function inOrder(all: readonly Seen[]): Seen[] {
  return all.map((_, index) => ({ seq: `${index + 1}`, open: `${credits(10n) - BigInt(index)}` }));
}

const bySeq = (all: readonly Seen[]): Seen[] => [...all].sort((a, b) => Number(a.seq) - Number(b.seq));

describe('a group that is decided ahead', () => {
  it('stands on what the group before it left', async () => {
    const store = new LedgerStore(db.writer, SMALL);
    const all = await seen(names(100).map((name) => store.post(post(name))));
    expect(bySeq(all)).toEqual(inOrder(all));
  });

  it('is decided anew where the group before it was not written', async () => {
    const store = new LedgerStore(db.writer, SMALL);
    const spoilt = store.post(poison());
    const fine = names(9).map((name) => store.post(post(name)));
    await expect(spoilt).rejects.toThrow();
    const all = await seen(fine);
    expect(bySeq(all)).toEqual(inOrder(all));
  });

  it('is decided anew where another process was in between, however often', async () => {
    const stores = [1, 2, 3].map(() => new LedgerStore(db.writer, SMALL));
    const all = await seen(names(240).map((name, index) => (stores[index % 3] ?? db.store).post(post(name))));
    expect(bySeq(all)).toEqual(inOrder(all));
  });

  it('operation.applied-once: answers a key that the group before it writes, and refuses another body', async () => {
    const store = new LedgerStore(db.writer, SMALL);
    const [first, , again, other] = await Promise.all([
      store.post(post('twin')),
      store.post(post('neighbour')),
      store.post(post('twin')),
      store.post({ ...post('twin'), body: { name: 'other' } }),
    ]);
    expect(first).toMatchObject({ ok: true, value: { replayed: false, result: { seq: '1' } } });
    expect(again).toMatchObject({ ok: true, value: { replayed: true, result: { seq: '1' } } });
    expect(other).toMatchObject({ ok: false, refusal: { code: 'operation_mismatch', field: 'name' } });
  });

  it('sees a scope that the group before it is opening, with what that one put there', async () => {
    const store = new LedgerStore(db.writer, { lanes: 1, groupSize: 1 });
    const grants = new LotLedger(store);
    for (let round = 0; round < 5; round += 1) {
      const fresh = newId('acc');
      const { lotId: _, ...lot } = grantOrder({ lotId: 'any', sourceRef: newId('lot') });
      const granted = grants.grantToAccount(fresh, instant(0), lot);
      const all = await seen(names(4).map((name) => store.post(post(name, fresh))));
      expect((await granted).ok).toBe(true);
      expect(bySeq(all).map(({ seq }) => seq)).toEqual(['1', '2', '3', '4']);
    }
  });

  it('opens no scope: what is granted for the first time goes behind the locks', async () => {
    const store = new LedgerStore(db.writer, SMALL);
    const fresh = names(6).map(() => newId('acc'));
    const { asOf } = post('time');
    const granted = fresh.map((id) =>
      store.post({ ...post('grant', id), asOf, load: { openScope: true }, decide: nothing(id) }),
    );
    expect((await Promise.all(granted)).every((outcome) => outcome.ok)).toBe(true);
  });
});

describe('a group that names what the one before it writes under another scope', () => {
  const ALONE = { lanes: 1, groupSize: 1 };

  /** Asks both while nobody may write: whether the second was answered before the first could be committed. */
  async function askedTogether<T>(first: () => Promise<T>, second: () => Promise<T>): Promise<[T, T, boolean]> {
    return withClient(db.database.ownerUrl, async (other) => {
      await other.query('BEGIN');
      await other.query('LOCK TABLE ledger.operations IN SHARE MODE');
      let isAnswered = false;
      const asked = first();
      const alsoAsked = second().finally(() => {
        isAnswered = true;
      });
      await pause(200);
      const wasEarly = isAnswered;
      await other.query('ROLLBACK');
      return [await asked, await alsoAsked, wasEarly];
    });
  }

  it('operation.applied-once: answers its key once that is committed, and not before', async () => {
    const store = new LedgerStore(db.writer, ALONE);
    const elsewhere = accountScope(await db.account('10'));
    const [first, second, wasEarly] = await askedTogether(
      () => store.post(post('twin')),
      () => store.post({ ...post('twin'), scopeId: elsewhere }),
    );
    expect(wasEarly).toBe(false);
    expect(first).toMatchObject({ ok: true, value: { replayed: false } });
    expect(second).toMatchObject({ ok: true, value: { replayed: true } });
  });

  it('[F1] meets a job of its key once that is committed, whoever was to pay for it', async () => {
    const jobs = new JobLedger(new LedgerStore(db.writer, ALONE));
    const payer = await db.account('100');
    const order = admitOrder(newId('job'), { bot: botTerms({ accountId: payer }) });
    const scopeId = accountScope(await db.account('10'));
    const other = { ...order, jobId: newId('job'), runId: 'another', bodyHash: 'other', scopeId };
    const [first, second, wasEarly] = await askedTogether(
      () => jobs.admit(payer, T0, order),
      () => jobs.admit(payer, T0, other),
    );
    expect(wasEarly).toBe(false);
    expect(first).toMatchObject({ ok: true, value: { result: { jobId: order.jobId } } });
    expect(second).toMatchObject({ ok: false, refusal: { code: 'idempotency_mismatch' } });
  });
});

function nothing(id: string): Post<{ readonly id: string }>['decide'] {
  return () => accept({ result: { id }, changes: NO_CHANGES, job: null, steps: [], attempts: [], events: [] });
}
