// Bench room, the ledger. A side of the measurement: whole cycles, one post after the other, each post timed from the
// call to its answer.
import type { Side, Submitted } from '../measure/side.js';
import { newCycle, type Cycle, type CyclePost, type PostTaker } from './cycle.js';

/** Milliseconds, raw: of first posts, of the later ones of a cycle, and of whole cycles. */
export interface Timings {
  readonly holdMs: number[];
  readonly laterMs: number[];
  readonly cycleMs: number[];
}

const noTimings = (): Timings => ({ holdMs: [], laterMs: [], cycleMs: [] });

export const POSTS_OF_A_CYCLE = 3;

export class CycleSide implements Side {
  private timings = noTimings();
  private turn = 0;
  private ended = 0;

  constructor(
    readonly name: string,
    private readonly ledger: PostTaker,
    private readonly accounts: readonly string[],
  ) {}

  get cycles(): number {
    return this.ended;
  }

  /** Hands out the timings and begins anew. */
  takeTimings(): Timings {
    const { timings } = this;
    this.timings = noTimings();
    return timings;
  }

  async submit(): Promise<Submitted> {
    const begun = performance.now();
    const cycle = newCycle(this.nextAccount());
    const held = await this.ask(cycle.hold);
    this.timings.holdMs.push(held);
    return { admittedMs: performance.now() - begun, done: this.finish(cycle, begun) };
  }

  private async finish(cycle: Cycle, begun: number): Promise<void> {
    for (const post of [cycle.capture, cycle.release]) this.timings.laterMs.push(await this.ask(post));
    this.timings.cycleMs.push(performance.now() - begun);
    this.ended += 1;
  }

  private async ask(post: CyclePost): Promise<number> {
    const asked = performance.now();
    const outcome = await this.ledger.post(post);
    if (!outcome.ok) throw new Error(`${this.name}: ${post.verb} was refused: ${outcome.refusal.code}`);
    if (outcome.value.replayed) throw new Error(`${this.name}: ${post.key} had been applied before`);
    return performance.now() - asked;
  }

  private nextAccount(): string {
    const account = this.accounts[this.turn % this.accounts.length];
    this.turn += 1;
    if (account === undefined) throw new Error('a side needs an account');
    return account;
  }
}
