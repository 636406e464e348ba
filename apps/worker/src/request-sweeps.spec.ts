// Goal: whoever keeps the log hears of an agreed plan that the account's subscription refused, once for each word.
// Method: a word on a request, and a subscription that refuses under every name.
import { describe, expect, it, jest } from '@jest/globals';
import { ApplicationFailure, WorkflowUpdateFailedError } from '@temporalio/client';
import { until } from '../../../test/harness/until.js';
import { requestSweeps } from './request-sweeps.js';

type Parts = Parameters<typeof requestSweeps>;

const AGREED = {
  customPlanRequestId: 'cpr_1',
  planId: 'plan_cpr_1',
  agreedBy: 'usr_admin',
  account: { accountId: 'acc_1', timeZone: 'UTC', planId: 'plan_free' },
};
const WORD = {
  customPlanRequestId: AGREED.customPlanRequestId,
  verdict: 'publish',
  offerId: 'off_1',
  by: { id: AGREED.agreedBy, role: 'admin' },
  reasonRef: 'txt_1',
  requestId: 'req_1',
} as const;

async function nothing(): Promise<number> {
  return 0;
}

/** One word is due; how the subscription answers each time that it is asked. */
async function logged(answer: () => Promise<void>) {
  const words = [WORD];
  const lost: Parts[0] = {
    beginCompensation: nothing,
    beginGrant: nothing,
    beginCustomPlan: async ({ change }) => {
      const word = words.shift();
      if (word === undefined) return 0;
      await change(AGREED, word);
      return 1;
    },
  };
  const client = {
    withDeadline: async (_: unknown, work: () => Promise<unknown>) => work(),
    workflow: { start: async () => undefined, getHandle: () => ({ executeUpdate: answer }) },
  };
  const logger = { info: jest.fn(), warn: jest.fn() };
  const sweeps = requestSweeps(lost, { client } as unknown as Parts[1], logger as never);
  for (const sweep of sweeps) sweep.start();
  await until(
    async () => logger.info.mock.calls,
    ({ length }) => length > 0,
  );
  for (const sweep of sweeps) await sweep.stop();
  return logger;
}

describe('a custom plan that was agreed', () => {
  const refused = new WorkflowUpdateFailedError('refused', ApplicationFailure.nonRetryable('no', 'no', { code: 'no' }));

  it('[E22] is in the log once where the subscription refuses it under every name', async () => {
    const asked = jest.fn(async (): Promise<void> => {
      throw refused;
    });
    const { warn } = await logged(asked);
    expect(asked).toHaveBeenCalledTimes(3);
    const { customPlanRequestId, planId, account } = AGREED;
    expect(warn.mock.calls).toEqual([
      [{ err: refused, customPlanRequestId, planId, accountId: account.accountId }, expect.any(String)],
    ]);
  });

  it('[E22] is not where it is heard, be it under another name', async () => {
    const asked = jest.fn(async (): Promise<void> => undefined).mockRejectedValueOnce(refused);
    const { warn } = await logged(asked);
    expect(asked).toHaveBeenCalledTimes(2);
    expect(warn).not.toHaveBeenCalled();
  });
});
