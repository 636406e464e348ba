// Goal: what a store remembers of a scope never takes the place of what is true. Method: two stores on one ledger,
// posts that stand alone one after the other, and whatever may come between them.
import { beforeEach, describe, expect, it } from '@jest/globals';
import { accept, accountScope, Book, credits, instant, type MicroCredits, ZERO } from '@fairmeter/domain';
import { HangUpAtCommit } from '../../../../test/harness/hang-up-at-commit.js';
import type { LedgerDatabase } from '../../../../test/harness/ledger-database.js';
import {
  admitOrder,
  beginOrder,
  botTerms,
  creditsOf,
  endOrder,
  grantOrder,
  T0,
  use,
} from '../../../../test/harness/orders.js';
import { eachOnItsOwnAccount } from '../../../../test/harness/own-account.js';
import { JobLedger } from '../postings/job-ledger.js';
import { LotLedger } from '../postings/lot-ledger.js';
import { TermsLedger } from '../postings/terms-ledger.js';
import { CommitUnknown, withClient, WriterDatabase } from '@fairmeter/platform/database';
import { LedgerStore } from './ledger-store.js';
import type { Post } from './post.js';

const ONE_MICRO = 1n as MicroCredits;

let db: LedgerDatabase;
let accountId: string;
let other: LedgerStore;
let posts = 0;

eachOnItsOwnAccount('10', (own) => {
  ({ db, accountId } = own);
});

beforeEach(() => {
  other = new LedgerStore(db.writer);
});

interface Seen {
  readonly open: string;
  readonly lots: number;
}

/** Sets one micro-credit aside, and answers with what it stood on. */
function look(change: Partial<Post<Seen>> = {}): Post<Seen> {
  return {
    key: `${accountId}:${(posts += 1)}`,
    verb: 'look',
    body: {},
    scopeId: accountScope(accountId),
    accountId,
    asOf: instant(0),
    load: {},
    decide: ({ snapshot, at }) => {
      const [lot] = [...snapshot.lots.values()];
      if (lot === undefined) throw new Error('the account has a lot');
      const book = new Book(snapshot, at);
      book.setAside(lot.id, ONE_MICRO);
      const result = { open: `${lot.open}`, lots: snapshot.lots.size };
      return accept({ result, changes: book.changes(), job: null, steps: [], attempts: [], events: [] });
    },
    ...change,
  };
}

async function seenBy(store: LedgerStore): Promise<Seen | undefined> {
  const seen = await store.post(look());
  return seen.ok ? seen.value.result : undefined;
}

const open = (taken: bigint): string => `${credits(10n) - taken}`;

describe('what is remembered of a scope', () => {
  it('is true for the next post, and the one after', async () => {
    for (const taken of [0n, 1n, 2n]) expect(await seenBy(db.store)).toEqual({ open: open(taken), lots: 1 });
  });

  it('is not believed when another writer was in between', async () => {
    await seenBy(db.store);
    expect(await seenBy(other)).toMatchObject({ open: open(1n) });
    expect(await seenBy(db.store)).toMatchObject({ open: open(2n) });
    expect(
      await new LotLedger(other).clawBack({ scopeId: accountScope(accountId), accountId }, T0, 'none'),
    ).toBeDefined();
    expect(await seenBy(other)).toMatchObject({ open: open(3n) });
    expect(await seenBy(db.store)).toMatchObject({ open: open(4n) });
  });

  it('is forgotten with a post that the database refused', async () => {
    await seenBy(db.store);
    const poison = look({
      decide: ({ snapshot }) => {
        const lots = [...snapshot.lots.values()].map((lot) => ({ ...lot, open: -1n as MicroCredits }));
        const changes = { ...new Book(snapshot, T0).changes(), lots };
        return accept({ result: { open: '', lots: 0 }, changes, job: null, steps: [], attempts: [], events: [] });
      },
    });
    await expect(db.store.post(poison)).rejects.toThrow(/check constraint/);
    expect(await seenBy(db.store)).toEqual({ open: open(1n), lots: 1 });
  });

  it('does not make anew what was taken away behind its back: what was there is changed, or nothing is', async () => {
    await seenBy(db.store);
    await withClient(db.database.ownerUrl, (owner) =>
      owner.query('DELETE FROM ledger.lots WHERE account_id = $1', [accountId]),
    );
    const lost = look();
    await expect(db.store.post(lost)).rejects.toMatchObject({ code: 'FM003' });
    const rows = await db.writer.query({
      text: `SELECT (SELECT count(*)::int FROM ledger.lots WHERE account_id = $1) AS lots,
        (SELECT count(*)::int FROM ledger.operations WHERE key = $2) AS operations`,
      values: [accountId, lost.key],
    });
    expect(rows).toEqual([{ lots: 0, operations: 0 }]);
  });

  it('of a hold is written as far as it has moved, and no further', async () => {
    const { grants, jobs } = db;
    const small = await db.account('0.3');
    const { lotId: _, ...second } = grantOrder({ lotId: 'any', sourceRef: 'second', amount: creditsOf('100') });
    await grants.grantToAccount(small, T0, second);
    const payer = { accountId: small, jobId: `job_${small}` };
    const step = { payer, asOf: T0, tryKey: 'a' };
    await jobs.admit(small, T0, admitOrder(payer.jobId, { bot: botTerms({ accountId: small }) }));
    await jobs.beginStep({ ...step, order: beginOrder(1) });
    const writers = async (): Promise<readonly string[]> => {
      const lines = await db.writer.query<{ commit: string }>({
        text: 'SELECT xmin::text AS commit FROM ledger.hold_lines WHERE account_id = $1 ORDER BY line_no',
        values: [small],
      });
      return lines.map(({ commit }) => commit);
    };
    const before = await writers();
    expect(before).toHaveLength(2);
    // 0.09 credits: less than what lies on the first lot.
    await jobs.endStep({ ...step, order: endOrder(1, 1, { meters: use({ output: 60, calls: 1 }) }) });
    const after = await writers();
    expect([after[0] === before[0], after[1] === before[1]]).toEqual([false, true]);
  });

  it.each(['command', 'answer'] as const)('is forgotten where the %s of COMMIT was lost', async (lost) => {
    const wire = await HangUpAtCommit.listen(db.database.writerUrl, lost);
    const url = wire.url(db.database.writerUrl);
    const writer = await WriterDatabase.open({ url, maxConnections: 2, applicationName: 'test-lost' });
    const store = new LedgerStore(writer);
    await seenBy(store);
    wire.armed = true;
    await expect(store.post(look())).rejects.toThrow(CommitUnknown);
    const taken = lost === 'answer' ? 2n : 1n;
    expect(await seenBy(store)).toMatchObject({ open: open(taken) });
    await writer.close();
    await wire.close();
  });

  it('knows a job by its key also where it was opened before, here or by another writer', async () => {
    const bot = botTerms({ accountId });
    const admit = async (store: LedgerStore, jobId: string, keyHash: string): Promise<unknown> => {
      const order = { ...admitOrder(jobId, { bot }), keyHash };
      const admitted = await new JobLedger(store).admit(accountId, T0, order);
      return admitted.ok ? admitted.value.result : admitted.refusal.code;
    };
    const [mine, theirs] = ['a', 'b'].map((mark) => `${mark}${accountId}`.padEnd(64, '0')) as [string, string];
    await admit(db.store, `one_${accountId}`, mine);
    await admit(other, `two_${accountId}`, theirs);
    await seenBy(db.store);
    expect(await admit(db.store, `three_${accountId}`, mine)).toMatchObject({ jobId: `one_${accountId}` });
    expect(await admit(db.store, `four_${accountId}`, theirs)).toMatchObject({ jobId: `two_${accountId}` });
    const jobs = await db.writer.query({
      text: 'SELECT id FROM ledger.jobs WHERE account_id = $1',
      values: [accountId],
    });
    expect(jobs).toHaveLength(2);
  });

  it('carries a job through its steps, a limit set meanwhile and another writer, to its end', async () => {
    const jobId = `job_${accountId}`;
    const payer = { accountId, jobId };
    const spend = { kind: 'spend', subject: '' } as const;
    const order = admitOrder(jobId, { bot: botTerms({ accountId }), limitRefs: [spend] });
    const [jobs, others] = [db.jobs, new JobLedger(other)];
    await jobs.admit(accountId, T0, order);
    const step = { payer, asOf: T0 };
    expect(await jobs.beginStep({ ...step, tryKey: 'a', order: beginOrder(1) })).toMatchObject({ ok: true });
    expect(await jobs.endStep({ ...step, tryKey: 'a', order: endOrder(1, 1) })).toMatchObject({ ok: true });
    const limit = { ...spend, period: 'total', amount: creditsOf('0.1') } as const;
    const owner = { scopeId: accountScope(accountId), accountId };
    await new TermsLedger(db.store).setLimits({ owner, changeKey: 'one', asOf: T0, order: [limit] });
    const blocked = { refusal: { code: 'spend_limit_reached' } };
    expect(await jobs.beginStep({ ...step, tryKey: 'b', order: beginOrder(2) })).toMatchObject(blocked);
    const wide = { ...limit, amount: creditsOf('5') };
    await new TermsLedger(other).setLimits({ owner, changeKey: 'two', asOf: T0, order: [wide] });
    expect(await jobs.beginStep({ ...step, tryKey: 'c', order: beginOrder(2) })).toMatchObject({ ok: true });
    expect(await others.endStep({ ...step, tryKey: 'c', order: endOrder(2, 1) })).toMatchObject({ ok: true });
    const settling = { state: 'completed', reason: 'finished', minimumCharge: creditsOf('0.1') } as const;
    expect(await jobs.settle(payer, T0, settling)).toMatchObject({ ok: true });
    expect(await others.settle(payer, T0, settling)).toMatchObject({ value: { replayed: true } });
  });
});

describe('what is not remembered', () => {
  interface PlanNode {
    readonly 'Node Type': string;
    readonly 'Relation Name'?: string;
    readonly 'Index Name'?: string;
    readonly 'Index Cond'?: string;
    readonly Plans?: readonly PlanNode[];
  }
  const nodesOf = (node: PlanNode): readonly PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];
  /** Reads a table by itself from one end to the other; a bitmap of an index that narrows another look-up is none. */
  const isOfAll = (node: PlanNode): boolean =>
    node['Node Type'] === 'Seq Scan' || (/^Index (Only )?Scan$/.test(node['Node Type']) && !('Index Cond' in node));

  const spend = { kind: 'spend', subject: '' } as const;
  const steps: readonly ((jobs: JobLedger, payer: Payer) => Promise<{ readonly ok: boolean }>)[] = [
    (jobs, { accountId: of, jobId }) =>
      jobs.admit(of, T0, admitOrder(jobId, { bot: botTerms({ accountId: of }), limitRefs: [spend] })),
    (jobs, payer) => jobs.beginStep({ payer, tryKey: 'a', asOf: T0, order: beginOrder(1) }),
    (jobs, payer) => jobs.endStep({ payer, tryKey: 'a', asOf: T0, order: endOrder(1, 1) }),
    (jobs, payer) => jobs.settle(payer, T0, { state: 'completed', reason: 'finished', minimumCharge: ZERO }),
  ];

  it('is found by its key, and so is what is changed, however much there is of others', async () => {
    const of = await db.account('1000');
    const bounds = { maxConnections: 1, applicationName: 'test-plans', plansByKey: true };
    const writer = await WriterDatabase.open({ url: db.database.writerUrl, ...bounds });
    // Two that write in turn must read; what waits together is written by other statements than what comes alone.
    const ledgers = [1, 2].map(() => new JobLedger(new LedgerStore(writer)));
    for (const count of [1, 3]) {
      const payers = Array.from({ length: count }, (_, job) => ({ accountId: of, jobId: `job_${count}_${job}_${of}` }));
      for (const [at, step] of steps.entries()) {
        const jobs = ledgers[at % 2] ?? db.jobs;
        const told = await Promise.all(payers.map((payer) => step(jobs, payer)));
        expect(told.map(({ ok }) => ok)).toEqual(payers.map(() => true));
      }
    }
    const kept = await writer.query<{ name: string; statement: string }>(
      `SELECT name, statement FROM pg_prepared_statements WHERE name LIKE 'ledger-%' ORDER BY name`,
    );
    expect(kept.map(({ name }) => name)).toEqual(expect.arrayContaining(['ledger-lock-scopes', 'ledger-load-11000']));
    for (const rows of ['unnest', '\\(VALUES']) {
      const changes = new RegExp(`UPDATE ledger.jobs t [^)]* FROM ${rows}`);
      expect(kept.some(({ statement }) => changes.test(statement))).toBe(true);
    }
    const found: string[] = [];
    for (const { name, statement } of kept) {
      const [row] = await writer.query<{ 'QUERY PLAN': readonly { readonly Plan: PlanNode }[] }>(
        `EXPLAIN (GENERIC_PLAN, FORMAT JSON) ${statement}`,
      );
      const nodes = (row?.['QUERY PLAN'] ?? []).flatMap(({ Plan }) => nodesOf(Plan));
      expect(nodes).not.toEqual([]);
      found.push(
        ...nodes.filter(isOfAll).map((node) => `${name}: all of ${node['Index Name'] ?? node['Relation Name'] ?? ''}`),
      );
    }
    await writer.close();
    expect(found).toEqual([]);
  });
});

interface Payer {
  readonly accountId: string;
  readonly jobId: string;
}
