// Goal: the tables do exactly what the pure decisions say. Method: random orders of several jobs go to the ledger in
// groups of any size and to a ledger in memory one by one; every answer and every row is compared after each group.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { GrantOrder, Instant, Outcome } from '@fairmeter/domain';
import { accept, Book, formatMicroCredits, grant, instant } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import fc from 'fast-check';
import { LedgerDatabase } from '../../../../test/harness/ledger-database.js';
import { MemoryLedger } from '../../../../test/harness/memory-ledger.js';
import {
  admitOrder,
  after,
  beginOrder,
  botTerms,
  creditsOf,
  endOrder,
  failOrder,
  grantOrder,
  use,
  wishFor,
} from '../../../../test/harness/orders.js';
import { anyOrder, OPENING, type RandomOrder } from '../../../../test/harness/random-orders.js';
import { AttemptRow } from '../rows/attempt.row.js';
import { EntryRow } from '../rows/entry.row.js';
import { HoldLineRow, HoldRow } from '../rows/hold.row.js';
import { JobRow } from '../rows/job.row.js';
import { LotRow } from '../rows/lot.row.js';
import { OutboxRow } from '../rows/outbox.row.js';
import { ScopeRow } from '../rows/scope.row.js';
import { StepRow } from '../rows/step.row.js';
import type { PostOutcome } from './post.js';

/** Beyond any clock, so that `asOf` alone decides the effective time and the model can know it beforehand. */
const FAR = instant(Date.UTC(2199, 0, 1));
const SETTLING = { state: 'completed', reason: 'finished', minimumCharge: creditsOf('0.1') } as const;

let db: LedgerDatabase;

beforeAll(async () => {
  db = await LedgerDatabase.open();
});

afterAll(async () => {
  await db.close();
});

interface Given {
  readonly expected: Outcome<unknown>;
  readonly ask: () => Promise<PostOutcome<object>>;
}

/** One account, once in memory and once in the tables. */
class Twin {
  readonly accountId = newId('acc');
  readonly model = new MemoryLedger(this.accountId);
  private number = 0;

  /** To the model at once; to the tables when asked. Null for what no worker could send. */
  give(one: RandomOrder): Given | null {
    const number = (this.number += 1);
    // Callers' clocks differ: now and then one comes from before the scope's last instant.
    const last = this.model.lastEffectiveAt > FAR ? this.model.lastEffectiveAt : FAR;
    const asOf = after(last, number % 5 === 0 ? -30 : one.wait);
    if (one.verb === 'grant') return this.grant(one, asOf, number);
    const jobId = `${one.jobId}_${this.accountId}`;
    const payer = { accountId: this.accountId, jobId };
    const tryKey = `try-${number}`;
    switch (one.verb) {
      case 'admit': {
        const bot = botTerms({ accountId: this.accountId });
        const order = admitOrder(jobId, { bot, wish: wishFor({ maxCredits: one.budget }), runId: `run-${number}` });
        return { expected: this.model.admit(asOf, order), ask: () => db.jobs.admit(this.accountId, asOf, order) };
      }
      case 'begin': {
        const order = beginOrder(one.ordinal, { inputBytes: one.inputBytes });
        const expected = this.model.begin(jobId, asOf, order);
        return { expected, ask: () => db.jobs.beginStep({ payer, tryKey, asOf, order }) };
      }
      case 'end': {
        if (!this.hasBegun(jobId, one)) return null;
        const order = endOrder(one.ordinal, one.attempt, { meters: use(one.tokens) });
        const expected = this.model.end(jobId, asOf, order);
        return { expected, ask: () => db.jobs.endStep({ payer, tryKey, asOf, order }) };
      }
      case 'fail': {
        if (!this.hasBegun(jobId, one)) return null;
        const order = failOrder(one.ordinal, one.attempt);
        const expected = this.model.fail(jobId, asOf, order);
        return { expected, ask: () => db.jobs.failAttempt({ payer, tryKey, asOf, order }) };
      }
      case 'settle':
        if (this.model.jobs.get(jobId)?.endedAt !== null) return null;
        return { expected: this.model.settle(jobId, asOf, SETTLING), ask: () => db.jobs.settle(payer, asOf, SETTLING) };
    }
  }

  private hasBegun(jobId: string, one: { readonly ordinal: number; readonly attempt: number }): boolean {
    return this.model.attemptsOf(jobId, one.ordinal).some((some) => some.number === one.attempt);
  }

  private grant(one: Extract<RandomOrder, { verb: 'grant' }>, asOf: Instant, number: number): Given {
    const expiresAt = one.lives === null ? null : after(asOf, one.lives);
    const order = grantOrder({ lotId: newId('lot'), amount: one.amount, expiresAt, sourceRef: `source-${number}` });
    return { expected: this.model.grant(asOf, order), ask: () => this.postGrant(asOf, order) };
  }

  /** As the grants do, but with a lot id that both sides know. */
  private async postGrant(asOf: Instant, order: GrantOrder): Promise<PostOutcome<object>> {
    return db.store.post({
      key: `${this.model.scopeId}:grant:${order.sourceRef}`,
      verb: 'grant',
      body: { amount: formatMicroCredits(order.amount) },
      scopeId: this.model.scopeId,
      accountId: this.accountId,
      asOf,
      load: { openScope: true, sourceRef: order.sourceRef },
      decide: (ground) => {
        const book = new Book(ground.snapshot, ground.at);
        const granted = grant(book, order);
        if (!granted.ok) return granted;
        const nothing = { job: null, steps: [], attempts: [], events: [] };
        return accept({ ...nothing, result: { lotId: granted.value.lotId }, changes: book.changes() });
      },
    });
  }

  async expectSameRows(): Promise<void> {
    const { manager } = db.entities;
    const { accountId, model } = this;
    const all = { where: { accountId } };
    const scope = await manager.getRepository(ScopeRow).findOneByOrFail({ id: model.scopeId });
    expect(scope).toMatchObject({
      entrySeq: BigInt(model.entries.length),
      outboxSeq: BigInt(model.events.length),
      lastEffectiveAt: model.lastEffectiveAt,
    });
    expectSame(await manager.getRepository(LotRow).find(all), model.snapshot.lots.values());
    expectSame(await manager.getRepository(JobRow).find(all), model.jobs.values());
    expectSame(await manager.getRepository(StepRow).find(all), model.steps.values());
    await this.expectSameHolds();
    await this.expectSameAttempts();
    const entries = await manager.getRepository(EntryRow).find({ ...all, order: { scopeSeq: 'ASC' } });
    expect(entries).toMatchObject(
      model.entries.map(({ from, to, at, ...entry }, index) => ({
        ...entry,
        fromAccount: from,
        toAccount: to,
        effectiveAt: at,
        scopeSeq: BigInt(index) + 1n,
      })),
    );
    const events = await manager.getRepository(OutboxRow).find({ ...all, order: { scopeSeq: 'ASC' } });
    expect(events.map((event) => event.payload)).toEqual(model.events);
  }

  private async expectSameHolds(): Promise<void> {
    const { manager } = db.entities;
    const where = { where: { accountId: this.accountId } };
    const lines = await manager.getRepository(HoldLineRow).find({ ...where, order: { lineNo: 'ASC' } });
    const holds = (await manager.getRepository(HoldRow).find(where)).map((hold) => ({
      ...hold,
      lines: lines.filter((line) => line.holdId === hold.id),
      payer: { funding: hold.funding, publicMayUseBonus: hold.publicMayUseBonus },
      counters: [],
    }));
    expectSame(holds, this.model.snapshot.holds.values());
  }

  private async expectSameAttempts(): Promise<void> {
    const rows = await db.entities.manager.getRepository(AttemptRow).find({ where: { accountId: this.accountId } });
    const facts = rows.map((row) => ({
      ...row,
      meters: {
        input: row.inputTokens,
        cachedInput: row.cachedInputTokens,
        cacheWrite: row.cacheWriteTokens,
        output: row.outputTokens,
        reasoning: row.reasoningTokens,
        system: row.systemTokens,
        calls: row.calls,
        milliseconds: row.milliseconds,
        bytes: row.bytes,
      },
    }));
    expectSame(facts, this.model.attempts.values());
  }
}

const keyOf = (row: object): string => {
  const { id, jobId, ordinal, number } = row as Readonly<Record<string, unknown>>;
  return [id ?? jobId, ordinal ?? 0, number ?? 0].map(String).join(':');
};
const sorted = <T extends object>(rows: Iterable<T>): T[] => [...rows].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));

function expectSame(rows: readonly object[], facts: Iterable<object>): void {
  expect(sorted(rows)).toMatchObject(sorted(facts));
}

const replayedOf = (outcome: Outcome<unknown>, replayed: boolean): unknown =>
  outcome.ok ? { ok: true, value: { result: outcome.value, replayed } } : outcome;

describe('the tables', () => {
  const groups = fc.array(fc.array(anyOrder, { minLength: 1, maxLength: 6 }), { minLength: 4, maxLength: 12 });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'hold after every group what the model holds, entry by entry: seed %d',
    async (seed) => {
      await fc.assert(
        fc.asyncProperty(groups, async (batches) => {
          const twin = new Twin();
          for (const batch of [OPENING, ...batches]) {
            const given = batch.map((one) => twin.give(one)).filter((one) => one !== null);
            const answers = await Promise.all(given.map((one) => one.ask()));
            expect(answers).toEqual(given.map((one) => replayedOf(one.expected, false)));
            await twin.expectSameRows();
          }
        }),
        { seed, numRuns: 2 },
      );
    },
  );

  it.each([11, 12])(
    'operation.applied-once: answer repeated orders as before and stay as they are: seed %d',
    async (seed) => {
      await fc.assert(
        fc.asyncProperty(groups, async (batches) => {
          const twin = new Twin();
          const given = [OPENING, ...batches].flat().flatMap((one) => twin.give(one) ?? []);
          const applied = given.filter((one) => one.expected.ok);
          for (const one of given) await one.ask();
          const again = await Promise.all(applied.map((one) => one.ask()));
          expect(again).toEqual(applied.map((one) => replayedOf(one.expected, true)));
          await twin.expectSameRows();
        }),
        { seed, numRuns: 2 },
      );
    },
  );
});
