// API room. Which failures of Temporal leave the outcome open.
import {
  ApplicationFailure,
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { describe, expect, it } from '@jest/globals';
import { isUnknownOutcome } from './admission-client.js';

function grpc(code: number): Error {
  return Object.assign(new Error('from the wire'), { code, details: '', metadata: {} });
}

const wrapped = (code: number): Error => new ServiceError('it failed', { cause: grpc(code) });
const failedWith = (type: string): Error =>
  new WorkflowUpdateFailedError('it failed', ApplicationFailure.create({ type, message: 'no' }));

describe('after a failed call', () => {
  it('the outcome is unknown where the work may have been done', () => {
    for (const code of [1, 2, 4, 8, 9, 10, 14, 15]) {
      expect([code, isUnknownOutcome(wrapped(code)), isUnknownOutcome(grpc(code))]).toEqual([code, true, true]);
    }
    expect(isUnknownOutcome(new WorkflowUpdateRPCTimeoutOrCancelledError('late'))).toBe(true);
    expect(isUnknownOutcome(new WorkflowNotFoundError('gone', 'job/1', undefined))).toBe(true);
    expect(isUnknownOutcome(failedWith('AcceptedUpdateCompletedWorkflow'))).toBe(true);
  });

  it('everything else is a fault of ours and not covered up', () => {
    for (const code of [3, 7, 12, 13, 16]) expect([code, isUnknownOutcome(wrapped(code))]).toEqual([code, false]);
    expect(isUnknownOutcome(failedWith('SomethingElse'))).toBe(false);
    expect(isUnknownOutcome(new TypeError('a bug'))).toBe(false);
  });
});
