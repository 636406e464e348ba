// Test harness. One account whose story is told to the tables and to a ledger in memory; what the memory held at random
// moments is remembered, so that it can be asked for when all is over.
import type { Instant, Lot, LotKind, MicroCredits } from '@fairmeter/domain';
import { add, Book, instant, ZERO } from '@fairmeter/domain';
import { dailyPeriodAt } from '@fairmeter/domain/time';
import type { ScopePoint } from '@fairmeter/ledger/reads';
import { readPresent } from '@fairmeter/ledger/reads';
import { newId, type TenantDatabase } from '@fairmeter/platform/database';
import type { EntityManager } from 'typeorm';
import type { LedgerDatabase } from './ledger-database.js';
import { MemoryLedger } from './memory-ledger.js';
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
} from './orders.js';
import { periodAsk } from './period-orders.js';
import type { OrderOverDays, PeriodOrder } from './random-orders.js';

/** Beyond any clock, so that `asOf` alone decides the effective time. */
const FAR = instant(Date.UTC(2199, 0, 1));
const KINDS: readonly LotKind[] = ['daily', 'subscription', 'bonus_promo', 'compensation', 'bundle'];

export interface Remembered {
  readonly at: Instant;
  readonly entries: number;
  readonly available: MicroCredits;
  readonly held: MicroCredits;
  /** With the day's, although nothing had needed it yet. */
  readonly lots: readonly Lot[];
  readonly nextResetAt: Instant | null;
}

export class Story {
  readonly accountId = newId('acc');
  readonly model = new MemoryLedger(this.accountId);
  /** By instant: of several moments at one instant the last counts. */
  readonly remembered = new Map<Instant, Remembered>();
  private readonly asked = new Set<string>();
  private number = 0;

  constructor(
    private readonly db: LedgerDatabase,
    private readonly reader: TenantDatabase,
  ) {}

  async tell(one: OrderOverDays): Promise<void> {
    const number = (this.number += 1);
    const last = this.model.lastEffectiveAt > FAR ? this.model.lastEffectiveAt : FAR;
    // A third of them at the very instant of the one before.
    // The end of a lot is told by its time alone, so it has an instant of its own.
    const isEnd = one.verb === 'end-lot' || one.verb === 'take-lot-back';
    const asOf = after(last, isEnd ? one.wait + 1 : one.wait % 3 === 0 ? 0 : one.wait);
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
    return this.reader.asTenant(tenant, async (tx) => work(tx, await readPresent(tx, this.model.scopeId, instant(0))));
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
      await this.db.terms.setTerms({ owner, changeKey: `${number}`, asOf, order: named });
      return;
    }
    if (one.verb === 'grant') {
      await this.grant(one, asOf, number);
      return;
    }
    if (!('jobId' in one)) {
      await this.change(one, asOf);
      return;
    }
    const jobId = `${one.jobId}_${this.accountId}`;
    const post = { payer: { accountId: this.accountId, jobId }, tryKey: `try-${number}`, asOf };
    if (one.verb === 'admit') {
      const bot = botTerms({ accountId: this.accountId });
      const order = admitOrder(jobId, { bot, wish: wishFor({ maxCredits: one.budget }), runId: `run-${number}` });
      this.model.admit(asOf, order);
      await this.db.jobs.admit(this.accountId, asOf, order);
    } else if (one.verb === 'begin') {
      const order = beginOrder(one.ordinal, { inputBytes: one.inputBytes });
      this.model.begin(jobId, asOf, order);
      await this.db.jobs.beginStep({ ...post, order });
    } else if (one.verb === 'settle') {
      if (this.model.jobs.get(jobId)?.endedAt !== null) return;
      const order = { state: 'completed', reason: 'finished', minimumCharge: creditsOf('0.1') } as const;
      this.model.settle(jobId, asOf, order);
      await this.db.jobs.settle(post.payer, asOf, order);
    } else if (this.model.attemptsOf(jobId, one.ordinal).some((some) => some.number === one.attempt)) {
      if (one.verb === 'end') {
        const order = endOrder(one.ordinal, one.attempt, { meters: use(one.tokens) });
        this.model.end(jobId, asOf, order);
        await this.db.jobs.endStep({ ...post, order });
      } else {
        const order = failOrder(one.ordinal, one.attempt);
        this.model.fail(jobId, asOf, order);
        await this.db.jobs.failAttempt({ ...post, order });
      }
    }
  }

  private async change(one: PeriodOrder, asOf: Instant): Promise<void> {
    const owner = { accountId: this.accountId, scopeId: this.model.scopeId };
    const { key, decide, ask } = periodAsk({ model: this.model, grants: this.db.grants, owner }, one, asOf);
    // A repetition gets its first answer, and moves no time.
    if (this.asked.has(key)) return;
    this.asked.add(key);
    decide();
    await ask();
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
    await this.db.grants.grantToAccount(this.accountId, asOf, order);
  }
}
