// Simulation. `kill -9`, of a writing process or of Postgres. The ledger is opened again and looked at before anybody
// asks again: what was acknowledged must stand, and what nobody was told of stands whole or not at all.
import type { Chance } from '../chance.js';
import { mustHold } from '../play.js';
import type { OwnPostgres } from '../servers/own-postgres.js';
import type { Fault } from '../world.js';
import type { WriterProcess } from '../writers/writer-process.js';
import type { Desk } from './desk.js';
import { WRITER_NAME } from './faults.js';
import type { LedgerJudge } from './judge.js';

export interface CrashGround {
  readonly postgres: OwnPostgres;
  readonly desk: Desk;
  readonly judge: LedgerJudge;
  /** The processes behind the desk, in the same order. */
  readonly writers: WriterProcess[];
  readonly startWriter: (name: string) => Promise<WriterProcess>;
}

export function crashes(ground: CrashGround): Fault[] {
  const kinds: readonly Fault[] = [
    { name: 'writing process killed', weight: 4, strike: (chance) => killWriter(ground, chance.whole(0, 99)) },
    { name: "Postgres' first process killed", weight: 3, strike: () => killPostgres(ground, 'first') },
    { name: 'all of Postgres killed', weight: 3, strike: () => killPostgres(ground, 'all') },
  ];
  return kinds.map((fault) => ({ ...fault, strike: (chance) => strike(ground, fault, chance) }));
}

async function strike({ postgres, desk }: CrashGround, fault: Fault, chance: Chance): Promise<void> {
  const durability = await postgres.durability();
  if (durability !== 'on on') throw new Error(`commits do not wait for the disk: ${durability}`);
  try {
    await fault.strike(chance);
  } finally {
    // After a failure too: callers that are not let on would never end.
    desk.open();
  }
}

async function killWriter({ postgres, desk, judge, writers, startWriter }: CrashGround, draw: number): Promise<void> {
  const index = draw % writers.length;
  desk.shut();
  await writers[index]?.kill();
  await desk.quiet();
  const name = nameOf(index);
  await postgres.untilGone(name);
  await lookedAt(judge);
  const fresh = await startWriter(name);
  writers[index] = fresh;
  desk.writers[index] = fresh;
}

async function killPostgres({ postgres, desk, judge }: CrashGround, which: 'first' | 'all'): Promise<void> {
  // Not sooner: those who are in the middle of something are what it is about.
  await postgres.kill(which, () => {
    desk.shut();
  });
  await desk.quiet();
  await postgres.startAgain();
  await lookedAt(judge);
}

async function lookedAt(judge: LedgerJudge): Promise<void> {
  await mustHold({ judge: () => judge.differences('after_crash') });
}

export function nameOf(index: number): string {
  return `${WRITER_NAME}-${index + 1}`;
}
