// Activities room. Subscriptions that somebody else begins or tells: those that accounts came without, those whose runs
// may be lost, those that an older time-zone release was reckoned by. Each says how many: none when nothing is left.
import type { EntityDatabase } from '@fairmeter/platform/database';
import type { AwaitedSubscription, LostSubscription } from '@fairmeter/records';
import {
  markSubscriptionBegun,
  putBackReckoned,
  readAwaitedSubscriptions,
  seekSubscription,
  takeLostSubscriptions,
  takeReckonedSubscriptions,
} from '@fairmeter/records';

export type Begin<T> = (one: T) => Promise<void>;

const AT_ONCE = 20;

export async function beginAwaited({ manager }: EntityDatabase, begin: Begin<AwaitedSubscription>): Promise<number> {
  const awaited = await readAwaitedSubscriptions(manager, AT_ONCE);
  for (const one of awaited) {
    await begin(one);
    await markSubscriptionBegun(manager, one.accountId);
  }
  return awaited.length;
}

export async function beginLost({ manager }: EntityDatabase, begin: Begin<LostSubscription>): Promise<number> {
  const lost = await takeLostSubscriptions(manager, AT_ONCE);
  return each(lost, { begin, putBack: async ({ subject }) => seekSubscription(manager, subject) });
}

/** Those that reckoned by an older time-zone release: they are told to look at it once more. */
export async function tellReckoned(
  { manager }: EntityDatabase,
  { release, tell }: { readonly release: string; readonly tell: Begin<LostSubscription> },
): Promise<number> {
  const reckoned = await takeReckonedSubscriptions(manager, { release, limit: AT_ONCE });
  return each(reckoned, { begin: tell, putBack: async ({ subject }) => putBackReckoned(manager, subject) });
}

interface Looking {
  readonly begin: Begin<LostSubscription>;
  readonly putBack: Begin<LostSubscription>;
}

async function each(taken: readonly LostSubscription[], { begin, putBack }: Looking): Promise<number> {
  for (const [index, one] of taken.entries()) {
    try {
      await begin(one);
    } catch (error) {
      // Nobody has looked at the rest: they are taken again at the next turn.
      for (const missed of taken.slice(index)) await putBack(missed);
      throw error;
    }
  }
  return taken.length;
}
