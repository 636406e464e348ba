// Activities room. What is looked at one by one: where one of them fails, those behind it have their turn all the same.
import type { ProcessSign } from '@fairmeter/domain';
import type { ProcessSigns } from '@fairmeter/platform';

/** By which somebody is told that a look failed. */
export type FailureSigns = Pick<ProcessSigns<ProcessSign>, 'saw'>;

/** More than this on one page is no fault of theirs: somebody who is asked is away, and is waited for. */
const MOST_FAILURES = 5;

export async function eachApart<T>(
  items: readonly T[],
  look: (item: T) => Promise<void>,
  signs: FailureSigns,
): Promise<void> {
  let failures = 0;
  for (const item of items) {
    try {
      await look(item);
    } catch (error) {
      failures += 1;
      if (failures > MOST_FAILURES) throw error;
      signs.saw('reconcile_failed');
    }
  }
}
