// Simulation. Where callers ask: any of the writing processes, again and again by the same key until somebody answers,
// as the product's own callers do. The desk can be closed while a dead server is looked at.
import type { PostOutcome } from '@fairmeter/ledger';
import { pause } from '../../harness/until.js';
import type { Chance } from '../chance.js';
import { SimulationFailure } from '../world.js';
import type { Told, Writer } from '../writers/writer.js';
import type { Receipts } from './receipts.js';
import type { KeyBook, LedgerRequest } from './request.js';

/** Longer than any fault lasts: who waits this long for an answer would wait for ever. */
const PATIENCE_MS = 60_000;
const CLOSED_LOOK_MS = 5;

export class Desk {
  private inFlight = 0;
  private isOpen = true;

  constructor(
    private readonly keys: KeyBook,
    readonly receipts: Receipts,
    /** Some may be replaced while the desk is closed. */
    readonly writers: Writer[],
  ) {}

  /** `chance` picks the process and the pauses: how often it is drawn from depends on the faults. */
  async ask(request: LedgerRequest, chance: Chance): Promise<PostOutcome<object>> {
    const key = this.keys.keyOf(request);
    this.receipts.asking(key, request);
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      const told = await this.askOnce(request, chance);
      if (told.kind === 'broken') throw new SimulationFailure(`${key} broke the ledger: ${told.why}`);
      if (told.kind === 'answered' && (told.outcome.ok || told.outcome.refusal.code !== 'ledger_busy')) {
        this.receipts.answered(key, request, told.outcome);
        return told.outcome;
      }
      if (told.kind === 'unknown') this.receipts.unknown(key);
      if (performance.now() > until) {
        throw new SimulationFailure(`${key} got no answer in ${PATIENCE_MS} ms; the last one was ${told.kind}`);
      }
      await pause(chance.whole(5, 60));
    }
  }

  /** Lets nobody ask any more. */
  shut(): void {
    this.isOpen = false;
  }

  /** Resolves when whoever had asked has an answer, or knows that there is none. */
  async quiet(): Promise<void> {
    while (this.inFlight > 0) await pause(CLOSED_LOOK_MS);
  }

  open(): void {
    this.isOpen = true;
  }

  private async askOnce(request: LedgerRequest, chance: Chance): Promise<Told> {
    while (!this.isOpen) await pause(CLOSED_LOOK_MS);
    this.inFlight += 1;
    try {
      return await chance.pick(this.writers).ask(request);
    } finally {
      this.inFlight -= 1;
    }
  }
}
