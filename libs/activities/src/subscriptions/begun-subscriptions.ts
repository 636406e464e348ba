// Activities room. Subscriptions that somebody else begins or tells: those that accounts came without, those whose runs
// may be lost, those that an older time-zone release was reckoned by. Each says how many: none when nothing is left.
// One that cannot be begun fails alone: the others go on, and come before it the next time.
import type { EntityDatabase } from '@fairmeter/platform/database';
import type { AwaitedSubscription, LostSubscription } from '@fairmeter/records';
import {
  markSubscriptionBegun,
  putBackReckoned,
  putOffReckoned,
  putOffSubscription,
  readAwaitedSubscriptions,
  seekSubscription,
  takeLostSubscriptions,
  takeReckonedSubscriptions,
} from '@fairmeter/records';

export type Begin<T> = (one: T) => Promise<void>;

const AT_ONCE = 20;
/** After so many that could not be begun it may be Temporal that is away: the rest is left for the next turn. */
const MOST_FAILURES = 3;

/** New accounts, one page after the other. Whoever could not be begun has a turn again once all others had theirs. */
export class AwaitedSubscriptions {
  private last = '';

  constructor(private readonly entities: Pick<EntityDatabase, 'manager'>) {}

  async begin(begin: Begin<AwaitedSubscription>): Promise<number> {
    const { manager } = this.entities;
    const awaited = await readAwaitedSubscriptions(manager, { behind: this.last, limit: AT_ONCE });
    if (awaited.length === 0) this.last = '';
    return each(awaited, {
      begin: async (one) => {
        this.last = one.accountId;
        await begin(one);
        await markSubscriptionBegun(manager, one.accountId);
      },
    });
  }
}

export async function beginLost({ manager }: EntityDatabase, begin: Begin<LostSubscription>): Promise<number> {
  const lost = await takeLostSubscriptions(manager, AT_ONCE);
  return each(lost, {
    begin,
    putOff: async ({ subject }) => putOffSubscription(manager, subject),
    putBack: async ({ subject }) => seekSubscription(manager, subject),
  });
}

/** Those that reckoned by an older time-zone release: they are told to look at it once more. */
export async function tellReckoned(
  { manager }: EntityDatabase,
  { release, tell }: { readonly release: string; readonly tell: Begin<LostSubscription> },
): Promise<number> {
  const reckoned = await takeReckonedSubscriptions(manager, { release, limit: AT_ONCE });
  return each(reckoned, {
    begin: tell,
    putOff: async ({ subject }) => putOffReckoned(manager, subject),
    putBack: async ({ subject }) => putBackReckoned(manager, subject),
  });
}

interface Looking<T> {
  readonly begin: Begin<T>;
  /** It was tried in vain: the others come first. */
  readonly putOff?: Begin<T>;
  /** Nobody has tried it. */
  readonly putBack?: Begin<T>;
}

async function each<T>(taken: readonly T[], { begin, putOff, putBack }: Looking<T>): Promise<number> {
  const failures: unknown[] = [];
  const unwritten: unknown[] = [];
  for (const one of taken) {
    if (failures.length >= MOST_FAILURES) {
      await putBack?.(one).catch((error: unknown) => unwritten.push(error));
      continue;
    }
    try {
      await begin(one);
    } catch (error) {
      failures.push(error);
      await putOff?.(one).catch((failed: unknown) => unwritten.push(failed));
    }
  }
  if (failures.length === 0) return taken.length;
  const begun = `${failures.length} of ${taken.length} could not be begun`;
  if (unwritten.length === 0) throw new Error(begun, { cause: failures[0] });
  const cause = new AggregateError([failures[0], unwritten[0]], 'the first of either kind');
  throw new Error(`${begun}, and ${unwritten.length} not put off or back`, { cause });
}
