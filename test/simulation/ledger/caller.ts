// Simulation. One caller at work for one account in one round: asks, knows which answers the rules allow, and now and
// then asks again, all at once, or with another body.
import { canonicalJson, instant, type FailureCode, type Instant, type JsonValue } from '@fairmeter/domain';
import type { PostOutcome, ScopeOwner } from '@fairmeter/ledger';
import type { Chance } from '../chance.js';
import { SimulationFailure, type Turn } from '../world.js';
import type { Desk } from './desk.js';
import type { LedgerRequest } from './request.js';

export interface SimulatedAccount {
  readonly owner: ScopeOwner;
  /** Its first instant, and how long a minute of the script is: some live ahead of the clock and some with it. */
  readonly begins: Instant;
  readonly minuteMs: number;
  /** How many of a hundred callers come from a later time, by hours where a minute is long. */
  readonly leaps: number;
}

export const MINUTES_OF_A_ROUND = 30;
/** Time in a scope never goes back: all others are behind it until their round has come so far. */
const LEAP_MINUTES = [20, 120] as const;

export class Caller {
  readonly chance: Chance;
  private readonly asking: Chance;
  private minute: number;
  private numbered = 0;

  constructor(
    private readonly desk: Desk,
    readonly account: SimulatedAccount,
    private readonly turn: Turn,
  ) {
    this.chance = turn.chance.of('choices');
    this.asking = turn.chance.of('asking');
    this.minute = turn.round * MINUTES_OF_A_ROUND + this.chance.whole(0, MINUTES_OF_A_ROUND);
    if (this.chance.happens(account.leaps)) this.minute += this.chance.whole(...LEAP_MINUTES);
  }

  get owner(): ScopeOwner {
    return this.account.owner;
  }

  /** Later than before, by the caller's own clock: those of others may be ahead. */
  now(): Instant {
    this.minute += this.chance.whole(0, 2);
    // Never twice the same instant, which is the key of an expiry.
    return instant(this.at(this.minute) + this.turn.caller);
  }

  inMinutes(minutes: number): Instant {
    return this.at(this.minute + minutes);
  }

  private at(minute: number): Instant {
    return instant(this.account.begins + minute * this.account.minuteMs);
  }

  /** An id that follows from the seed. */
  newName(kind: string): string {
    this.numbered += 1;
    return `${kind}_${this.turn.name}_${this.numbered}`;
  }

  /** The answer of what was done, or undefined where a refusal was right; any other refusal ends the simulation. */
  async ask<R>(request: LedgerRequest, mayRefuse: readonly FailureCode[] = []): Promise<R | undefined> {
    const outcomes = await Promise.all(this.timesAtOnce().map(() => this.desk.ask(request, this.asking)));
    for (const outcome of outcomes) {
      if (!outcome.ok && !mayRefuse.includes(outcome.refusal.code)) throw surprise(request, outcome);
    }
    const done = outcomes.find((outcome) => outcome.ok);
    if (done?.ok !== true) return undefined;
    if (this.chance.happens(8)) await this.mustRepeat(request, done.value.result);
    return done.value.result as R;
  }

  /** Bad input, or a key used for something else: refused with this code and nothing else. */
  async mustRefuse(request: LedgerRequest, code: FailureCode): Promise<void> {
    const outcome = await this.desk.ask(request, this.asking);
    if (outcome.ok || outcome.refusal.code !== code) throw surprise(request, outcome, code);
  }

  private async mustRepeat(request: LedgerRequest, answer: object): Promise<void> {
    const outcome = await this.desk.ask(request, this.asking);
    const isSame =
      outcome.ok &&
      outcome.value.replayed &&
      canonicalJson(outcome.value.result as JsonValue) === canonicalJson(answer as JsonValue);
    if (!isSame) throw surprise(request, outcome, 'the same answer, replayed');
  }

  /** Mostly once; sometimes as a client that lost patience, over several processes. */
  private timesAtOnce(): readonly number[] {
    return this.chance.happens(12) ? [1, 2, 3] : [1];
  }
}

function surprise(request: LedgerRequest, outcome: PostOutcome<object>, wanted = 'an answer the rules allow'): Error {
  const said = outcome.ok ? { ...outcome.value } : outcome.refusal;
  return new SimulationFailure(`wanted ${wanted} and got ${words(said)} to ${words(request)}`);
}

function words(value: object): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? each.toString() : each));
}
