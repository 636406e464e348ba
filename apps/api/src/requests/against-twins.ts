// API room. Requests that come at once and write the same row: what one wrote, the others find.
import { isSerialization, isTaken } from '../problems/foreign-errors.js';

/** Of several that wait for one row each round lets one through: as many rounds as a process has connections. */
const TWIN_TRIES = 10;

/**
 * Another request may write the same row, or one by the same key, between our snapshot and our write: the next snapshot
 * shows it.
 */
export async function againstTwins<T>(work: () => Promise<T>, triesLeft = TWIN_TRIES): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (triesLeft <= 1 || !(isSerialization(error) || isTaken(error))) throw error;
    return againstTwins(work, triesLeft - 1);
  }
}
