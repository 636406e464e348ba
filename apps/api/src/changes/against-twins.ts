// API room. What is asked twice at one time: the second transaction fails to serialize, and asked again it finds what
// the first has done.
import { isSerialization } from '../problems/foreign-errors.js';

const TWIN_TRIES = 3;

export async function againstTwins<T>(work: () => Promise<T>, triesLeft = TWIN_TRIES): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (triesLeft <= 1 || !isSerialization(error)) throw error;
    return againstTwins(work, triesLeft - 1);
  }
}
