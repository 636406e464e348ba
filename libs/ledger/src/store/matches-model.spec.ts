// Goal: the tables do exactly what the pure decisions say. Method: random orders of jobs and lots go to the ledger in
// groups of any size and to a ledger in memory one by one; every answer and every row is compared after each group.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endUserScope, type Hold, type ScopeTerms } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import fc from 'fast-check';
import { LedgerDatabase } from '../../../../test/harness/ledger-database.js';
import { LedgerTwin } from '../../../../test/harness/ledger-twin.js';
import { anyLedgerOrder, LEDGER_OPENING, type LedgerOrder } from '../../../../test/harness/random-orders.js';
import type { Given } from '../../../../test/harness/twin-answers.js';
import { auditLedger, describeAudit } from '../audit/audit.js';
import { AttemptRow } from '../rows/attempt.row.js';
import { CounterRow } from '../rows/counter.row.js';
import { EntryRow } from '../rows/entry.row.js';
import { HoldCounterRow, HoldLineRow, HoldRow } from '../rows/hold.row.js';
import { JobRow } from '../rows/job.row.js';
import { LimitRow } from '../rows/limit.row.js';
import { LoopFindingRow } from '../rows/loop-finding.row.js';
import { LotRow } from '../rows/lot.row.js';
import { OperationRow } from '../rows/operation.row.js';
import { OutboxRow } from '../rows/outbox.row.js';
import { ScopeRow } from '../rows/scope.row.js';
import { StepRow } from '../rows/step.row.js';
import { TermsRow } from '../rows/terms.row.js';

let db: LedgerDatabase;

beforeAll(async () => {
  // One lane: what different payers ask for at one time is one group.
  db = await LedgerDatabase.open({ lanes: 1 });
}, 60_000);

afterAll(async () => {
  const report = await auditLedger(db.writer);
  await db.close();
  if (!report.holds) throw new Error(describeAudit(report).join('\n'));
}, 60_000);

/** The newest row of a name is in force; one without an amount is not. */
function expectSameLimits(history: readonly LimitRow[], { limits }: ScopeTerms): void {
  const inForce = new Map(history.map((row) => [`${row.kind}|${row.period}|${row.subject}`, row]));
  const figures = [...inForce.values()]
    .filter((row) => row.amount !== null)
    .map(({ kind, subject, period, amount }) => ({ kind, subject, period, amount }));
  const byName = (a: object, b: object): number => (nameOf(a) < nameOf(b) ? -1 : 1);
  expect(figures.sort(byName)).toEqual(limits.map((limit) => ({ ...limit })).sort(byName));
}

const nameOf = (limit: object): string => Object.values(limit).slice(0, 3).join('|');

async function expectSameRows(twin: LedgerTwin): Promise<void> {
  const { manager } = db.entities;
  const { model, scopeId, names } = twin;
  const mine = { where: { scopeId } };
  const lots = await manager.getRepository(LotRow).find(mine);
  names.meet(lots, model.snapshot.lots.values());
  expectSame(names.inModel(lots), model.snapshot.lots.values());
  const scopes = await manager.getRepository(ScopeRow).find({ where: { id: scopeId } });
  const { lastEffectiveAt, snapshot } = model;
  const { rows, dayOpened } = snapshot.terms;
  const seqs = { entrySeq: BigInt(model.entries.length), outboxSeq: BigInt(model.events.length) };
  const scope = { ...seqs, lastEffectiveAt, termsRows: rows.length, dayOpened };
  expect(scopes).toMatchObject(model.postings.length === 0 ? [] : [{ ...scope, debt: snapshot.debt }]);
  expect(await manager.getRepository(OperationRow).count(mine)).toBe(model.postings.length);
  const entries = await manager.getRepository(EntryRow).find({ ...mine, order: { scopeSeq: 'ASC' } });
  expect(names.inModel(entries)).toMatchObject(
    model.entries.map(({ from, to, at, ...entry }, index) => ({
      ...entry,
      fromAccount: from,
      toAccount: to,
      effectiveAt: at,
      scopeSeq: BigInt(index) + 1n,
    })),
  );
  const events = await manager.getRepository(OutboxRow).find({ ...mine, order: { scopeSeq: 'ASC' } });
  expect(names.inModel(events.map((event) => event.payload))).toEqual(model.events);
  expectSame(await manager.getRepository(CounterRow).find(mine), model.snapshot.counters.values());
  expect(await manager.getRepository(TermsRow).find({ ...mine, order: { number: 'ASC' } })).toMatchObject(
    snapshot.terms.rows.map((row) => ({ ...row })),
  );
  expectSameLimits(await manager.getRepository(LimitRow).find({ ...mine, order: { number: 'ASC' } }), snapshot.terms);
  const jobs = await manager.getRepository(JobRow).find(mine);
  expectSame(
    jobs.map((job) => ({ ...job, minimumPaidFrom: names.inModel(job.minimumPaidFrom) })),
    model.jobs.values(),
  );
  expectSame(await manager.getRepository(LoopFindingRow).find(mine), model.findings.values());
  await expectSameHolds(twin);
  await expectSameSteps(twin);
}

async function expectSameHolds({ model, scopeId, accountId, names }: LedgerTwin): Promise<void> {
  const { manager } = db.entities;
  const where = { accountId };
  const lines = await manager.getRepository(HoldLineRow).find({ where, order: { lineNo: 'ASC' } });
  const parts = await manager.getRepository(HoldCounterRow).find({ where });
  const holds = (await manager.getRepository(HoldRow).find({ where: { scopeId } })).map((hold) => ({
    ...hold,
    lines: names.inModel(lines.filter((line) => line.holdId === hold.id)),
    payer: { funding: hold.funding, publicMayUseBonus: hold.publicMayUseBonus },
    counters: parts.filter((part) => part.holdId === hold.id).sort(byCounter),
  }));
  const expected = [...model.snapshot.holds.values()].map((hold): Hold => ({
    ...hold,
    counters: [...hold.counters].sort(byCounter),
  }));
  expectSame(holds, expected);
}

async function expectSameSteps({ model, accountId, names }: LedgerTwin): Promise<void> {
  if (model.jobs.size === 0) return;
  const where = { accountId };
  const steps = await db.entities.manager.getRepository(StepRow).find({ where });
  const named = steps.map((step) => ({ ...step, paidFrom: names.inModel(step.paidFrom) }));
  expectSame(named, model.steps.values());
  const rows = await db.entities.manager.getRepository(AttemptRow).find({ where });
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
  expectSame(facts, model.attempts.values());
}

const keyOf = (row: object): string => {
  const { id, jobId, ordinal, number } = row as Readonly<Record<string, unknown>>;
  return [id ?? jobId, ordinal ?? 0, number ?? 0].map(String).join(':');
};
const sorted = <T extends object>(rows: Iterable<T>): T[] => [...rows].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
const byCounter = (a: { readonly counterId: string }, b: { readonly counterId: string }): number =>
  a.counterId < b.counterId ? -1 : 1;

function expectSame(rows: readonly object[], facts: Iterable<object>): void {
  const expected = sorted(facts);
  expect(sorted(rows)).toMatchObject(expected);
}

/** Two accounts, and an end user at a bot of the first: lots can be asked of all, jobs of accounts. */
function payers(): readonly LedgerTwin[] {
  const accountId = newId('acc');
  const endUser = endUserScope(newId('bot'), newId('usr'));
  return [new LedgerTwin(db, accountId), new LedgerTwin(db), new LedgerTwin(db, accountId, endUser)];
}

interface Addressed {
  readonly to: number;
  readonly order: LedgerOrder;
}

/** An order of a job to an end user's scope goes to that of its account. */
function give(twins: readonly LedgerTwin[], { to, order }: Addressed): { twin: LedgerTwin; given: Given } | null {
  const twin = twins[to === 2 && 'jobId' in order ? 0 : to];
  const given = twin?.give(order) ?? null;
  return twin === undefined || given === null ? null : { twin, given };
}

const anyGroup = fc.array(fc.record({ to: fc.constantFrom(0, 0, 1, 2), order: anyLedgerOrder }), {
  minLength: 1,
  maxLength: 12,
});
const groups = fc.array(anyGroup, { minLength: 4, maxLength: 12 });
const OPENINGS: readonly Addressed[] = LEDGER_OPENING.flatMap((order) => [
  { to: 0, order },
  { to: 1, order },
]);

/** How an answer is counted: what never came up was not shown. */
function wordOf(given: Given): string {
  const { verb, expected } = given;
  if (!expected.ok) return `${verb}: ${expected.refusal.code}`;
  return `${verb}: ${expected.value.replayed ? 'again' : 'yes'}`;
}

/** What the seeds below come upon among other things. */
const ALWAYS_ASKED = [
  ...['grant: yes', 'admit: yes', 'begin: yes', 'end: yes', 'fail: yes', 'settle: yes', 'settle: again'],
  ...['refund: yes', 'refund: again', 'refund: operation_mismatch', 'refund: nothing_refundable'],
  ...['terms: yes', 'terms: time_zone_invalid', 'limits: yes', 'limits: amount_out_of_range'],
  ...['refund-steps: yes', 'refund-steps: again', 'refund-steps: operation_mismatch'],
  ...['refund-steps: nothing_refundable', 'note: yes', 'note: again', 'note: operation_mismatch'],
  ...['pause: yes', 'stop: yes', 'budget: yes', 'budget: budget_below_spent'],
  ...['expire: yes', 'expire: again', 'claw-back: yes', 'claw-back: again', 'begin: debt_outstanding'],
  ...['grow-lot: yes', 'grow-lot: operation_mismatch', 'grow-lot: lot_ended'],
  ...['grow-lot: lot_not_found', 'end-lot: yes', 'end-lot: again', 'take-lot-back: yes', 'take-lot-back: again'],
  ...['begin: credits_exhausted', 'begin: spend_limit_reached', 'begin: campaign_limit_reached', 'begin: job_ended'],
];

describe('the tables', () => {
  const words = new Set<string>();

  /** One story of that seed, group after group; what it came to is looked at by its test. */
  async function played(seed: number) {
    return fc.check(
      fc.asyncProperty(groups, async (batches) => {
        const twins = payers();
        for (const batch of [OPENINGS, ...batches]) {
          const asked = batch.flatMap((one) => give(twins, one) ?? []);
          for (const { given } of asked) words.add(wordOf(given));
          const answers = await Promise.all(asked.map(({ given }) => given.ask()));
          for (const twin of twins) await expectSameRows(twin);
          const told = asked.map(({ twin }, index) => twin.names.inModel(answers[index]));
          expect(told).toEqual(asked.map(({ given }) => given.expected));
        }
      }),
      // Not made smaller: that would take longer than there is time for, and hide what went wrong.
      { seed, numRuns: 1, endOnFailure: true },
    );
  }

  describe.each(Array.from({ length: 48 }, (_, index) => index + 1))('of seed %d', (seed) => {
    let story: Awaited<ReturnType<typeof played>>;
    beforeAll(async () => {
      story = await played(seed);
    }, 60_000);

    it('hold after every group what the model holds, entry by entry', () => {
      if (story.failed) throw new Error(fc.defaultReportMessage(story), { cause: story.errorInstance });
      expect(story.numRuns).toBe(1);
    });
  });

  it('were asked for all of it: every verb with its yes, its repetition where it has one, and its refusals', () => {
    expect(ALWAYS_ASKED.filter((word) => !words.has(word))).toEqual([]);
  });

  it.each([21, 22])(
    'operation.applied-once: answer repeated orders as before and stay as they are: seed %d',
    async (seed) => {
      await fc.assert(
        fc.asyncProperty(groups, async (batches) => {
          const twins = payers();
          const asked: { twin: LedgerTwin; given: Given }[] = [];
          for (const one of [...OPENINGS, ...batches.flat()]) {
            const each = give(twins, one);
            if (each === null) continue;
            await each.given.ask();
            await expectNames(each.twin);
            asked.push(each);
          }
          const applied = asked.filter(({ given }) => given.expected.ok);
          const again = await Promise.all(applied.map(({ given }) => given.ask()));
          expect(applied.map(({ twin }, index) => twin.names.inModel(again[index]))).toEqual(
            applied.map(({ given }) => repeated(given.expected)),
          );
          for (const twin of twins) await expectSameRows(twin);
        }),
        { seed, numRuns: 2 },
      );
    },
  );
});

async function expectNames({ names, model, scopeId }: LedgerTwin): Promise<void> {
  const lots = await db.entities.manager.getRepository(LotRow).find({ where: { scopeId } });
  names.meet(lots, model.snapshot.lots.values());
}

const repeated = (expected: Given['expected']): unknown =>
  expected.ok ? { ok: true, value: { ...expected.value, replayed: true } } : expected;
