// Goal: what was available, held and spent at any instant is told for good, and lists neither miss nor repeat. Method:
// random orders go to the tables and to a ledger in memory; what the memory held at random moments is remembered, and
// asked for when all is over.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Instant, Lot, LotKind, MicroCredits } from '@fairmeter/domain';
import { add, Book, hasLapsed, instant, ZERO } from '@fairmeter/domain';
import { dailyPeriodAt } from '@fairmeter/domain/time';
import { newId, type TenantDatabase } from '@fairmeter/platform/database';
import fc from 'fast-check';
import type { EntityManager } from 'typeorm';
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
import { anyOrderOverDays, OPENING, type OrderOverDays } from '../../../../test/harness/random-orders.js';
import { openReader } from '../../../../test/harness/twin.js';
import type { EntryView, LotPosition, LotView, ScopePoint } from './index.js';
import { readCredits, readEntries, readLots, readPast, readPresent } from './index.js';

/** Beyond any clock, so that `asOf` alone decides the effective time. */
const FAR = instant(Date.UTC(2199, 0, 1));
const KINDS: readonly LotKind[] = ['daily', 'subscription', 'bonus_promo', 'compensation', 'bundle'];

let db: LedgerDatabase;
let reader: TenantDatabase;

beforeAll(async () => {
  db = await LedgerDatabase.open();
  reader = await openReader(db);
});

afterAll(async () => {
  await reader.close();
  await db.close();
});

/** A lot that ends soon comes first, so that the first holds lie on it and lapse there. */
const BEGINNING: readonly OrderOverDays[] = [{ verb: 'grant', wait: 0, amount: creditsOf('3'), lives: 20 }, ...OPENING];

const HOUR = 3_600_000;
/** A day that passes by unopened, and one that is opened, grows, moves its end, and is over. */
const DAYS: OrderOverDays[] = [
  { verb: 'terms', wait: 1, zone: 'Asia/Kathmandu', dailyAllowance: creditsOf('1') },
  { verb: 'begin', wait: 50 * HOUR, jobId: 'job_1', ordinal: 1, inputBytes: 400 },
  { verb: 'terms', wait: HOUR, zone: 'America/Havana', dailyAllowance: creditsOf('4') },
  { verb: 'begin', wait: HOUR, jobId: 'job_2', ordinal: 2, inputBytes: 400 },
  { verb: 'grant', wait: 40 * HOUR, amount: creditsOf('2'), lives: null },
];

interface Remembered {
  readonly at: Instant;
  readonly entries: number;
  readonly available: MicroCredits;
  readonly held: MicroCredits;
  /** With the day's, although nothing had needed it yet. */
  readonly lots: readonly Lot[];
  readonly nextResetAt: Instant | null;
}

class Story {
  readonly accountId = newId('acc');
  readonly model = new MemoryLedger(this.accountId);
  /** By instant: of several moments at one instant the last counts. */
  readonly remembered = new Map<Instant, Remembered>();
  private number = 0;

  async tell(one: OrderOverDays): Promise<void> {
    const number = (this.number += 1);
    const last = this.model.lastEffectiveAt > FAR ? this.model.lastEffectiveAt : FAR;
    // A third of them at the very instant of the one before.
    const asOf = after(last, one.wait % 3 === 0 ? 0 : one.wait);
    const between = this.momentsBetween(last, asOf);
    await this.post(one, asOf, number);
    const reached = this.momentAt(this.model.lastEffectiveAt);
    // A moment is past only when something came after it: a refused order moves no time.
    for (const then of between) if (then.at < reached.at) this.remembered.set(then.at, then);
    this.remembered.set(reached.at, reached);
  }

  private momentAt(at: Instant): Remembered {
    const { snapshot, entries } = this.model;
    const day = dailyPeriodAt(snapshot.terms.rows, at) ?? null;
    const lots = new Book({ ...snapshot, day }, at).allLots;
    return {
      at,
      entries: entries.length,
      available: this.model.availableAt(at),
      held: add(ZERO, ...lots.map((lot) => lot.held)),
      lots,
      // A day that is given nothing and has nothing ends unnoticed.
      nextResetAt: day === null || (day.allowance === 0n && day.grantedNow === 0n) ? null : day.end,
    };
  }

  /** Half-way, and around the first reset: nothing is posted there, so the day is opened later or never. */
  private momentsBetween(last: Instant, asOf: Instant): Remembered[] {
    const reset = dailyPeriodAt(this.model.snapshot.terms.rows, last)?.end;
    const around = reset === undefined ? [] : [after(reset, -1), reset];
    return [after(last, Math.ceil((asOf - last) / 2)), ...around]
      .filter((at) => at > last && at < asOf)
      .map((at) => this.momentAt(at));
  }

  async read<T>(work: (tx: EntityManager, present: ScopePoint) => Promise<T>): Promise<T> {
    const tenant = { accountId: this.accountId, subject: this.accountId };
    return reader.asTenant(tenant, async (tx) => work(tx, await readPresent(tx, this.model.scopeId, instant(0))));
  }

  private async post(one: OrderOverDays, asOf: Instant, number: number): Promise<void> {
    if (one.verb === 'terms') {
      const { zone, dailyAllowance } = one;
      const named = {
        ...(zone === undefined ? {} : { zone }),
        ...(dailyAllowance === undefined ? {} : { dailyAllowance }),
      };
      const owner = { accountId: this.accountId, scopeId: this.model.scopeId };
      this.model.setTerms(asOf, named);
      await db.terms.setTerms({ owner, changeKey: `${number}`, asOf, order: named });
      return;
    }
    if (one.verb === 'grant') {
      await this.grant(one, asOf, number);
      return;
    }
    const jobId = `${one.jobId}_${this.accountId}`;
    const post = { payer: { accountId: this.accountId, jobId }, tryKey: `try-${number}`, asOf };
    if (one.verb === 'admit') {
      const bot = botTerms({ accountId: this.accountId });
      const order = admitOrder(jobId, { bot, wish: wishFor({ maxCredits: one.budget }), runId: `run-${number}` });
      this.model.admit(asOf, order);
      await db.jobs.admit(this.accountId, asOf, order);
    } else if (one.verb === 'begin') {
      const order = beginOrder(one.ordinal, { inputBytes: one.inputBytes });
      this.model.begin(jobId, asOf, order);
      await db.jobs.beginStep({ ...post, order });
    } else if (one.verb === 'settle') {
      if (this.model.jobs.get(jobId)?.endedAt !== null) return;
      const order = { state: 'completed', reason: 'finished', minimumCharge: creditsOf('0.1') } as const;
      this.model.settle(jobId, asOf, order);
      await db.jobs.settle(post.payer, asOf, order);
    } else if (this.model.attemptsOf(jobId, one.ordinal).some((some) => some.number === one.attempt)) {
      if (one.verb === 'end') {
        const order = endOrder(one.ordinal, one.attempt, { meters: use(one.tokens) });
        this.model.end(jobId, asOf, order);
        await db.jobs.endStep({ ...post, order });
      } else {
        const order = failOrder(one.ordinal, one.attempt);
        this.model.fail(jobId, asOf, order);
        await db.jobs.failAttempt({ ...post, order });
      }
    }
  }

  private async grant(one: Extract<OrderOverDays, { verb: 'grant' }>, asOf: Instant, number: number): Promise<void> {
    // Now and then a lot is posted ahead of its time.
    const validFrom = number % 4 === 0 ? after(asOf, 25) : instant(0);
    const expiresAt = one.lives === null ? null : after(asOf, one.lives + 25);
    const kind = KINDS[number % KINDS.length] ?? 'daily';
    const { lotId, ...order } = grantOrder({
      lotId: newId('lot'),
      kind,
      amount: one.amount,
      validFrom,
      expiresAt,
      sourceRef: `source-${number}`,
    });
    this.model.grant(asOf, { ...order, lotId });
    await db.grants.grantToAccount(this.accountId, asOf, order);
  }
}

/** What the entries in memory say of a lot, found by where it came from. */
function expectedLot(story: Story, then: Remembered, lot: Lot): Partial<LotView> {
  const moved = (to: string): MicroCredits =>
    add(
      ZERO,
      ...story.model.entries
        .slice(0, then.entries)
        .filter((entry) => entry.lotId === lot.id && entry.to === to)
        .map((entry) => entry.amount),
    );
  const ended = hasLapsed(lot, then.at);
  return {
    sourceRef: lot.sourceRef,
    granted: lot.granted,
    open: ended ? ZERO : lot.open,
    held: lot.held,
    spent: moved(`consumed:${story.model.scopeId}`),
    lapsed: ended ? add(moved('lapsed'), lot.open) : moved('lapsed'),
  };
}

const bySource = (a: Partial<LotView>, b: Partial<LotView>): number =>
  (a.sourceRef ?? '') < (b.sourceRef ?? '') ? -1 : 1;

async function expectPast(story: Story, then: Remembered): Promise<void> {
  const { credits, lots } = await story.read(async (tx, present) => {
    const point = await readPast(tx, present, then.at);
    const all = await readLots(tx, point, { includeEnded: true, after: null, limit: 200 });
    return { credits: await readCredits(tx, point), lots: all.lots };
  });
  expect(credits).toMatchObject({
    asOf: then.at,
    entrySeq: BigInt(then.entries),
    available: then.available,
    held: then.held,
    total: add(then.available, then.held),
  });
  if (then.nextResetAt !== null) expect(credits.daily.nextResetAt).toBe(then.nextResetAt);
  const kinds = [credits.daily, credits.subscription, ...credits.bonus.kinds];
  expect(add(ZERO, ...kinds.map((kind) => kind.available))).toBe(then.available);
  expect([...lots].sort(bySource)).toMatchObject(then.lots.map((lot) => expectedLot(story, then, lot)).sort(bySource));
}

async function allEntries(story: Story, order: 'newest' | 'oldest'): Promise<EntryView[]> {
  const seen: EntryView[] = [];
  for (let next: bigint | null = null, more = true; more; more = next !== null) {
    const page = await story.read(async (tx, { scopeId }) =>
      readEntries(tx, scopeId, { order, after: next, limit: 7 }),
    );
    seen.push(...page.entries);
    next = page.next;
  }
  return seen;
}

/** The two sides name their lots on their own. */
const sidesOf = ({ amount, from, to }: Pick<EntryView, 'amount' | 'from' | 'to'>): string =>
  `${amount} ${from} ${to}`.replaceAll(/lot_[0-9a-z]+/g, 'lot');

describe('a scope', () => {
  it('[X18] tells what was available and held at every past instant, to the micro-credit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyOrderOverDays, { minLength: 5, maxLength: 30 }), async (orders) => {
        const story = new Story();
        for (const one of [...BEGINNING, ...orders]) {
          await story.tell(one);
          const now = await story.read(readCredits);
          expect(now).toMatchObject(pick(story.remembered.get(now.asOf)));
        }
        for (const then of story.remembered.values()) await expectPast(story, then);
      }),
      { numRuns: 10, examples: [[DAYS]] },
    );
  }, 60_000);

  it('lists its lots at one point, and its entries whole, whatever is posted between the pages', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyOrderOverDays, { minLength: 10, maxLength: 25 }), async (orders) => {
        const story = new Story();
        for (const one of [...BEGINNING, ...orders.slice(0, 10)]) await story.tell(one);
        const point = await story.read(async (_, present) => Promise.resolve(present));
        const whole = await story.read(async (tx) =>
          readLots(tx, point, { includeEnded: true, after: null, limit: 200 }),
        );
        const listed: LotView[] = [];
        let after: LotPosition | null = null;
        for (const one of [...orders.slice(10), null, null, null, null, null, null]) {
          const page = await story.read(async (tx, { newestEntrySeq }) =>
            readLots(tx, { ...point, newestEntrySeq }, { includeEnded: true, after, limit: 2 }),
          );
          listed.push(...page.lots);
          after = page.next;
          if (after === null) break;
          if (one !== null) await story.tell(one);
        }
        expect(listed).toEqual(whole.lots.slice(0, listed.length));
        expect(after === null).toBe(listed.length === whole.lots.length);
        const told = story.model.entries.map(sidesOf);
        expect((await allEntries(story, 'oldest')).map(sidesOf)).toEqual(told);
        expect((await allEntries(story, 'newest')).map(sidesOf)).toEqual(told.reverse());
      }),
      { numRuns: 8, examples: [[[...DAYS, ...DAYS]]] },
    );
  }, 60_000);
});

function pick(then: Remembered | undefined): object {
  return { available: then?.available, held: then?.held, entrySeq: BigInt(then?.entries ?? -1) };
}
