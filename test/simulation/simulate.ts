// Simulation. Opens the world of a run on a fresh database, plays a seed in it, and closes everything. In the
// ordinary kind wires, locks and restarts fail; in the crash kind processes are killed.
import { WriterDatabase } from '@fairmeter/platform/database';
import { crashes, nameOf } from './ledger/crashes.js';
import { Desk } from './ledger/desk.js';
import { faultsOfLiving } from './ledger/faults.js';
import { LedgerJudge } from './ledger/judge.js';
import { LedgerWorld } from './ledger/ledger-world.js';
import { Receipts } from './ledger/receipts.js';
import { KeyBook } from './ledger/request.js';
import { play } from './play.js';
import type { Load } from './script.js';
import { FailingWire } from './servers/failing-wire.js';
import type { OwnPostgres } from './servers/own-postgres.js';
import type { Fault } from './world.js';
import { OwnWriter } from './writers/own-writer.js';
import type { Writer } from './writers/writer.js';
import { WriterProcess } from './writers/writer-process.js';

export interface Simulation {
  readonly postgres: OwnPostgres;
  readonly checkout: string;
  readonly seed: number;
  readonly rounds: number;
  /** For kills: the compiled program of a writing process. Without it all writers live in this process. */
  readonly writerMain?: string;
  readonly say: (line: string) => void;
}

const LIVING: Load = { callers: 32, turns: 2, faults: [1, 4], strikeWithinMs: 400 };
const KILLED: Load = { callers: 48, turns: 1, faults: [1, 1], strikeWithinMs: 400 };
const WRITERS_LIVING = 4;
const WRITERS_KILLED = 2;

interface Opened {
  readonly writers: Writer[];
  readonly faults: readonly Fault[];
  readonly close: () => Promise<void>;
}

/** A long run takes a fresh ledger now and then: the audit of every round is over all that the ledger ever wrote. */
const ROUNDS_OF_A_LEDGER = 25;

export async function simulate(simulation: Simulation): Promise<void> {
  for (let from = 1; from <= simulation.rounds; from += ROUNDS_OF_A_LEDGER) await playOneLedger(simulation, from);
}

async function playOneLedger(simulation: Simulation, from: number): Promise<void> {
  const { postgres, checkout, seed, rounds, writerMain, say } = simulation;
  const url = await postgres.openDatabase(`simulation_${seed}_${from}`, checkout);
  const reading = await WriterDatabase.open({ url, maxConnections: 4, applicationName: 'simulation-judge' });
  try {
    const receipts = new Receipts();
    const judge = new LedgerJudge(reading, receipts);
    const desk = new Desk(new KeyBook(reading), receipts, []);
    const opened =
      writerMain === undefined
        ? await openLiving(postgres, url)
        : await openKilled({ postgres, url, desk, judge, writerMain });
    desk.writers.push(...opened.writers);
    try {
      const world = new LedgerWorld({ desk, judge, reading, faults: opened.faults, began: new Date() });
      const to = Math.min(rounds, from + ROUNDS_OF_A_LEDGER - 1);
      await play({ world, seed, from, to, rounds, load: writerMain === undefined ? LIVING : KILLED, say });
    } finally {
      await opened.close();
    }
  } finally {
    await reading.close();
  }
}

async function openLiving(postgres: OwnPostgres, writerUrl: string): Promise<Opened> {
  const numbers = Array.from({ length: WRITERS_LIVING }, (_, index) => index);
  const wires = await Promise.all(numbers.map(() => FailingWire.before(writerUrl)));
  const writers = await Promise.all(wires.map((wire, index) => OwnWriter.open(wire.url, nameOf(index))));
  return {
    writers,
    faults: faultsOfLiving({ postgres, writerUrl, wires }),
    close: async () => {
      await Promise.all(writers.map((writer) => writer.close()));
      await Promise.all(wires.map((wire) => wire.close()));
    },
  };
}

interface KilledGround {
  readonly postgres: OwnPostgres;
  readonly url: string;
  readonly desk: Desk;
  readonly judge: LedgerJudge;
  readonly writerMain: string;
}

async function openKilled({ postgres, url, desk, judge, writerMain }: KilledGround): Promise<Opened> {
  const startWriter = (name: string): Promise<WriterProcess> => WriterProcess.start(writerMain, url, name);
  const writers = await Promise.all(Array.from({ length: WRITERS_KILLED }, (_, index) => startWriter(nameOf(index))));
  return {
    writers: [...writers],
    faults: crashes({ postgres, desk, judge, writers, startWriter }),
    close: async () => {
      await Promise.all(writers.map((writer) => writer.close()));
    },
  };
}
