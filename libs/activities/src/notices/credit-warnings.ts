// Activities room. What nobody does and an account wants to hear of all the same: its credits run low, a day or a
// period began. Each is said once, by a key that names the period and the threshold; that nothing is left, once
// for all that has come.
import { accountScope, credits, formatCredits, instant, instantToText, lowCredits } from '@fairmeter/domain';
import type { Instant, Lot, LowCredits, MicroCredits } from '@fairmeter/domain';
import { readAllThatCame, readBook, readDay, readPresent } from '@fairmeter/ledger/reads';
import type { Clock } from '@fairmeter/platform';
import type { EntityDatabase, EntityManager } from '@fairmeter/platform/database';
import {
  accountsThatAsked,
  announce,
  dueResetWatches,
  resetsAskedSince,
  saveResetWatch,
  takeResetWatch,
} from '@fairmeter/records';

export interface CreditWarningParts {
  readonly entities: EntityDatabase;
  readonly clock: Clock;
  /** Whether mail leaves at all: then every owner is warned, else those whose webhooks asked for it. */
  readonly mails: boolean;
}

/** The minimum charge: with less no job begins. */
const SMALLEST = (credits(1n) / 10n) as MicroCredits;
const WATCHED_AT_ONCE = 100;
/** A change of zone or plan may bring a reset sooner than was known. */
const LOOK_AGAIN_MS = 6 * 3_600_000;
/** An account of which nothing can be told stands behind all others for so long. */
const TRY_AGAIN_MS = 5 * 60_000;

export class CreditWarnings {
  constructor(private readonly parts: CreditWarningParts) {}

  /** Null: every account. */
  async warned(): Promise<readonly string[] | null> {
    if (this.parts.mails) return null;
    const { manager } = this.parts.entities;
    return [...(await accountsThatAsked(manager, null, ['credits.low', 'credits.zero'])).keys()];
  }

  async warn(accountId: string): Promise<void> {
    await this.parts.entities.transaction(async (tx) => {
      const scopeId = accountScope(accountId);
      const seen = await this.lookAt(tx, scopeId);
      if (seen === null) return;
      const isZero = seen.low.warning === 'zero';
      const onceKey = isZero ? await keyOfZero(tx, scopeId, seen.at) : keyOfLow(seen.low);
      // What came after the first look is in that key already: it is not to be told of as used up.
      const found = isZero ? await this.lookAt(tx, scopeId) : seen;
      if (found?.low.warning !== seen.low.warning) return;
      await announce(tx, {
        accountId,
        visitor: null,
        type: isZero ? 'credits.zero' : 'credits.low',
        about: accountId,
        facts: { ...factsOf(found.low), available: found.available },
        onceKey,
        mailTo: { to: 'owner' },
      });
    });
  }

  private async lookAt(tx: EntityManager, scopeId: string): Promise<Seen | null> {
    const { book } = await readBook(tx, { scopeId, clockNow: this.now() });
    const low = lowCredits(book.allLots, book.at, SMALLEST);
    return low === null ? null : { low, at: book.at, available: formatCredits(book.availableToAll) };
  }

  /**
   * Looks at some of the accounts that asked to hear of resets and may have had one, each by itself: what is wrong with
   * one keeps nobody else waiting. Says how many it looked at.
   */
  async tellResets(): Promise<number> {
    const { entities } = this.parts;
    const due = await dueResetWatches(entities.manager, { now: this.now(), limit: WATCHED_AT_ONCE });
    const failures: unknown[] = [];
    let looked = 0;
    for (const accountId of due) {
      try {
        if (await entities.transaction(async (tx) => this.tellResetsOf(tx, accountId))) looked += 1;
      } catch (error) {
        failures.push(error);
        await saveResetWatch(entities.manager, accountId, instant(this.now() + TRY_AGAIN_MS));
      }
    }
    if (failures.length === 0) return looked;
    throw new Error(`${failures.length} of ${due.length} could not be told of resets`, { cause: failures[0] });
  }

  private async tellResetsOf(tx: EntityManager, accountId: string): Promise<boolean> {
    if (!(await takeResetWatch(tx, accountId, this.now()))) return false;
    const asked = await resetsAskedSince(tx, accountId);
    if (asked === null) await saveResetWatch(tx, accountId, null);
    else await this.tellResetsSince(tx, accountId, asked);
    return true;
  }

  private async tellResetsSince(tx: EntityManager, accountId: string, asked: Instant): Promise<void> {
    const scopeId = accountScope(accountId);
    const { book } = await readBook(tx, { scopeId, clockNow: this.now() });
    const day = await readDay(tx, await readPresent(tx, scopeId, this.now()));
    const hasDay = day !== null && day.allowance > 0n;
    const period = book.allLots.find((lot) => lot.kind === 'subscription' && isCurrent(lot, book.at));
    const told: Reset[] = [];
    if (hasDay) told.push({ what: 'daily', start: day.start, end: day.end, amount: day.grantedNow });
    if (period !== undefined) {
      const { validFrom: start, expiresAt: end, granted: amount } = period;
      told.push({ what: 'period', start, end, amount });
    }
    // What began before anybody asked is no news.
    for (const reset of told.filter(({ start }) => start >= asked)) await announceReset(tx, accountId, reset);
    const ends = told.flatMap(({ end }) => (end === null ? [] : [end]));
    await saveResetWatch(tx, accountId, instant(Math.min(book.at + LOOK_AGAIN_MS, ...ends)));
  }

  private now(): Instant {
    return instant(this.parts.clock.now());
  }
}

interface Seen {
  readonly low: LowCredits;
  readonly at: Instant;
  readonly available: string;
}

function keyOfLow({ warning, periodStart }: LowCredits): string {
  return `low/${warning}/${periodStart === null ? 'none' : instantToText(periodStart)}`;
}

/** Once for all that had come until then: whatever comes, a lot or the growth of one, is another sum. */
async function keyOfZero(tx: EntityManager, scopeId: string, at: Instant): Promise<string> {
  return `low/zero/of/${await readAllThatCame(tx, { scopeId, at, atLeast: SMALLEST })}`;
}

interface Reset {
  readonly what: 'daily' | 'period';
  readonly start: Instant;
  readonly end: Instant | null;
  readonly amount: MicroCredits;
}

async function announceReset(tx: EntityManager, accountId: string, { what, start, end, amount }: Reset): Promise<void> {
  await announce(tx, {
    accountId,
    visitor: null,
    type: 'credits.reset',
    about: accountId,
    facts: {
      what,
      amount: formatCredits(amount),
      since: instantToText(start),
      next_reset_at: end === null ? null : instantToText(end),
    },
    onceKey: `reset/${what}/${instantToText(start)}`,
  });
}

function isCurrent({ validFrom, expiresAt }: Lot, at: Instant): boolean {
  return validFrom <= at && (expiresAt === null || expiresAt > at);
}

function factsOf({ warning, left, granted, periodEnd }: LowCredits): Record<string, string | number | null> {
  return {
    percent: warning === 'zero' ? 0 : warning,
    left: formatCredits(left),
    granted: formatCredits(granted),
    period_end: periodEnd === null ? null : instantToText(periodEnd),
  };
}
