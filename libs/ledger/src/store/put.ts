// Ledger room. What becomes of the rows a group has touched: those that were there before it are changed by their keys,
// and only in what may change; the others are added. Pure.
import type { Counter, Hold, JobFacts, Lot, StepFacts } from '@fairmeter/domain';
import type { GroupGround } from './ground.js';
import { stepKey } from './job-rows.js';
import type { HoldCounterWritten, HoldLineWritten, Owned } from './tables.js';

export interface Put<T> {
  readonly added: readonly Owned<T>[];
  readonly changed: readonly Owned<T>[];
}

export interface Puts {
  readonly lots: Put<Lot>;
  /** Holds that are new or have ended: in all others nothing but their lines and counters has moved. */
  readonly holds: Put<Hold>;
  readonly holdLines: Put<HoldLineWritten>;
  readonly counters: Put<Counter>;
  readonly holdCounters: Put<HoldCounterWritten>;
  readonly jobs: Put<JobFacts>;
  readonly steps: Put<StepFacts>;
}

/** As the group leaves them, each once. */
export interface Touched {
  readonly lots: readonly Owned<Lot>[];
  readonly holds: readonly Owned<Hold>[];
  readonly counters: readonly Owned<Counter>[];
  readonly jobs: readonly Owned<JobFacts>[];
  readonly steps: readonly Owned<StepFacts>[];
}

/**
 * What the ground of a group knows of is there once its scopes are locked, and is never taken away: what the group
 * before it was still writing, too, or else that one's writer would not have let it pass.
 */
export function putsOf(touched: Touched, ground: GroupGround): Puts {
  const holds = new Map(ground.holds.map((hold) => [hold.id, hold]));
  const before = <T>({ row }: Owned<{ readonly holdId: string }>, of: (hold: Hold) => readonly T[]): readonly T[] => {
    const hold = holds.get(row.holdId);
    return hold === undefined ? [] : of(hold);
  };
  const lines = touched.holds.flatMap((owned) =>
    owned.row.lines.map((line) => ({ ...owned, row: { holdId: owned.row.id, line } })),
  );
  const parts = touched.holds.flatMap((owned) =>
    owned.row.counters.map((part) => ({ ...owned, row: { holdId: owned.row.id, part } })),
  );
  return {
    lots: put(
      touched.lots,
      idsOf(ground.lots, ({ lot }) => lot.id),
      (lot) => lot.id,
    ),
    holds: moved(
      touched.holds,
      ({ row }) => holds.get(row.id),
      ({ row }, known) => row.state !== known.state,
    ),
    holdLines: moved(
      lines,
      (owned) => before(owned, (hold) => hold.lines).find(({ lineNo }) => lineNo === owned.row.line.lineNo),
      ({ row: { line } }, known) =>
        line.held !== known.held || line.captured !== known.captured || line.reversed !== known.reversed,
    ),
    counters: put(
      touched.counters,
      idsOf(ground.counters, ({ counter }) => counter.id),
      (counter) => counter.id,
    ),
    holdCounters: moved(
      parts,
      (owned) => before(owned, (hold) => hold.counters).find(({ counterId }) => counterId === owned.row.part.counterId),
      ({ row: { part } }, known) => part.held !== known.held || part.used !== known.used,
    ),
    jobs: put(
      touched.jobs,
      idsOf(ground.jobs, (job) => job.id),
      (job) => job.id,
    ),
    steps: put(touched.steps, idsOf(ground.steps, stepKey), stepKey),
  };
}

function idsOf<T>(rows: readonly T[], idOf: (row: T) => string): ReadonlySet<string> {
  return new Set(rows.map(idOf));
}

function put<T>(rows: readonly Owned<T>[], known: ReadonlySet<string>, idOf: (row: T) => string): Put<T> {
  const added: Owned<T>[] = [];
  const changed: Owned<T>[] = [];
  for (const owned of rows) (known.has(idOf(owned.row)) ? changed : added).push(owned);
  return { added, changed };
}

/** Where what was there before is known whole, a row that is still the same is left alone. */
function moved<T, K>(
  rows: readonly Owned<T>[],
  knownOf: (owned: Owned<T>) => K | undefined,
  isOther: (owned: Owned<T>, known: K) => boolean,
): Put<T> {
  const added: Owned<T>[] = [];
  const changed: Owned<T>[] = [];
  for (const owned of rows) {
    const known = knownOf(owned);
    if (known === undefined) added.push(owned);
    else if (isOther(owned, known)) changed.push(owned);
  }
  return { added, changed };
}
