// Goal: what was available, held and spent at any instant is told for good, and lists neither miss nor repeat. Method:
// random orders go to the tables and to a ledger in memory; what the memory held at random moments is remembered, and
// asked for when all is over.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Lot, MicroCredits } from '@fairmeter/domain';
import { add, hasLapsed, ZERO } from '@fairmeter/domain';
import type { TenantDatabase } from '@fairmeter/platform/database';
import fc from 'fast-check';
import { LedgerDatabase } from '../../../../test/harness/ledger-database.js';
import { creditsOf } from '../../../../test/harness/orders.js';
import { anyOrderOverDays, OPENING, type OrderOverDays } from '../../../../test/harness/random-orders.js';
import { Story, type Remembered } from '../../../../test/harness/told-story.js';
import { openReader } from '../../../../test/harness/twin.js';
import type { EntryView, LotPosition, LotView } from './index.js';
import { readCredits, readEntries, readLots, readPast } from './index.js';

let db: LedgerDatabase;
let reader: TenantDatabase;

beforeAll(async () => {
  db = await LedgerDatabase.open();
  reader = await openReader(db);
}, 60_000);

afterAll(async () => {
  await reader.close();
  await db.close();
}, 60_000);

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
    expiresAt: lot.expiresAt,
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
        const story = new Story(db, reader);
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
        const story = new Story(db, reader);
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
