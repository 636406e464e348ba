// A reported step becomes overdue while a call about it is under way. Where that call pauses the job, the step is the
// one that its bot may try again, and is not let go.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectLedgerHolds } from '../harness/audit.js';
import { giveCredits } from '../harness/people.js';
import { ReportingBot } from '../harness/reporting-bot.js';
import { TestStack } from '../harness/test-stack.js';

/** Long enough to ask for the step again, and over before that call has been answered. */
const OVERDUE_MS = 3_000;

/** After as many times a call waits on a timer of its workflow, which hears meanwhile that the step is overdue. */
const TIMES_AWAY = 7;

/** More than the account has: 15 credits for what is read alone. */
const DEAR = { kind: 'model_call', expected: { input_tokens: 50_000, output_tokens: 400 } };

describe('a reported step that is overdue when its job pauses', () => {
  let stack: TestStack;
  let away = 0;
  beforeAll(async () => {
    stack = await TestStack.open({ worker: { REPORTED_STEP_MS: String(OVERDUE_MS) } });
    await stack.startWorkerLike({
      around: ({ reportedActivities }) => ({
        reportedActivities: {
          beginReportedStep: async (input) => {
            away -= 1;
            if (away >= 0) throw new Error('the ledger is away');
            return reportedActivities.beginReportedStep(input);
          },
        },
      }),
    });
    await stack.startApi();
  }, 60_000);
  afterAll(async () => {
    await expectLedgerHolds(stack);
    await stack.stop();
  }, 60_000);

  it('[F7] may be tried again after a grant', async () => {
    const bot = await ReportingBot.open(stack, { credits: '5' });
    const jobId = await bot.openJob();
    expect((await bot.begin(jobId)).body).toMatchObject({ step: 1, attempt: 1 });
    away = TIMES_AWAY;
    const lacking = await bot.begin(jobId, { ...DEAR, step: 1 }, 'dear');
    expect([lacking.status, lacking.body]).toEqual([
      402,
      expect.objectContaining({ code: 'credits_exhausted', job_state: 'waiting_credits' }),
    ]);
    await giveCredits(stack, bot.owner.accountId, '100');
    const again = await bot.begin(jobId, { ...DEAR, step: 1 }, 'dear');
    expect([again.status, again.body]).toEqual([201, expect.objectContaining({ step: 1, attempt: 2 })]);
    await bot.client.steer(jobId, 'cancel');
  }, 60_000);
});
