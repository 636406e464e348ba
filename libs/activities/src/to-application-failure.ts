// Activities room. The one place where something broken becomes a failure that Temporal must not retry.
import { InvariantViolation } from '@fairmeter/domain';
import { ApplicationFailure } from '@temporalio/common';

/** A bug stays a bug however often it is tried; everything else is the world, and Temporal tries again by policy. */
export function toApplicationFailure(error: unknown): unknown {
  if (error instanceof InvariantViolation) {
    return ApplicationFailure.nonRetryable(error.message, 'broken', { invariant: error.invariant });
  }
  return error;
}

export async function brokenIsFinal<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toApplicationFailure(error);
  }
}
