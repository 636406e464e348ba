// API room. Requests that are the same and come at once: what one wrote, the others find.
import { isSerialization } from '../problems/foreign-errors.js';

const TWIN_TRIES = 3;

/** A twin of this request may write the same row between our snapshot and our write: the next snapshot shows it. */
export async function againstTwins<T>(work: () => Promise<T>, triesLeft = TWIN_TRIES): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (triesLeft <= 1 || !isSerialization(error)) throw error;
    return againstTwins(work, triesLeft - 1);
  }
}
