// A step that has begun and does not end: its try is lost, and no other one may begin. What is packed then is a step of
// its own, and the lost one stays what it was. A fault of ours that stays packs nothing, and its job ends at once.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunStepResult } from '@fairmeter/contracts';
import { OwnTools, renderToolCall } from '@fairmeter/providers/tools';
import { expectLedgerHolds } from '../harness/audit.js';
import { BotClient } from '../harness/bot-client.js';
import { attemptLines, stepsOf } from '../harness/ledger-facts.js';
import { openBot } from '../harness/people.js';
import { byStage, reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';

/** By the fourth step there are files, and each try of the check is lost by a fault of ours. */
class BrokenChecks extends OwnTools {
  override async check(): Promise<never> {
    return Promise.reject(new Error('the check broke down'));
  }
}

const written =
  renderToolCall({ tool: 'write', path: 'src/a.ts', content: 'export const a = 1;\n' }) +
  renderToolCall({ tool: 'done', summary: 'done' });

describe('a step whose try is lost', () => {
  const tools = new BrokenChecks();
  /** What every try of the check after its first one is told, instead of beginning. */
  let refusal: RunStepResult | null = null;
  let checks = 0;
  let stack: TestStack;
  beforeAll(async () => {
    const { port } = byStage({ plan: [reply('plan')], generate: [reply(written)] });
    stack = await TestStack.open({ models: port, tools });
    await stack.startWorkerLike({
      around: ({ stepActivities }) => ({
        stepActivities: {
          runStep: async (input) => {
            if (input.stage !== 'check') return stepActivities.runStep(input);
            checks += 1;
            return checks > 1 && refusal !== null ? refusal : stepActivities.runStep(input);
          },
        },
      }),
    });
    await stack.startApi();
  }, 60_000);
  afterAll(async () => {
    await expectLedgerHolds(stack);
    await stack.stop();
    await tools.stop();
  }, 60_000);

  async function play(told: RunStepResult | null) {
    refusal = told;
    checks = 0;
    const owner = await openBot(stack, { credits: '100', program: 'workspace', maxCredits: '50' });
    const bot = new BotClient(stack, owner);
    const jobId = String((await bot.submit({ body: { prompt: 'Write it' } })).body['id']);
    const { body: job } = await bot.ended(jobId, 40_000);
    const steps = await stepsOf(stack, jobId);
    return { job, jobId, last: steps.slice(-2), zip: (await bot.fetch(`/v1/jobs/${jobId}/artefact`)).status, bot };
  }

  it.each([
    { why: 'may not be held for any more', told: { outcome: 'not_held', reason: 'credits_exhausted' } },
    { why: 'pauses for credits that never come', told: { outcome: 'waiting', until: 0, resetsAt: null } },
  ] as const)(
    '[A7, F5] leaves its number to it where it $why, and its files are packed under the next one',
    async ({ told }) => {
      const { job, jobId, last, zip } = await play(told);
      expect(job).toMatchObject({ state: 'completed_partial', end_reason: 'credits_exhausted' });
      expect(last).toMatchObject([
        { step: 4, stage: 'check', charge: '0.000000' },
        { step: 5, stage: 'package', charge: '0.000000' },
      ]);
      const lines = await attemptLines(stack, jobId);
      expect(lines.filter((line) => /^[45]\./.test(line))).toEqual(['4.1 platform_fault superseded', '5.1 billable']);
      expect(zip).toBe(200);
    },
    60_000,
  );

  it('[F8] by a fault of ours that stays ends its job without packing: its files can be read even so', async () => {
    const { job, jobId, last, zip, bot } = await play(null);
    expect(job).toMatchObject({ state: 'failed', end_reason: 'platform_failed' });
    expect(last).toMatchObject([{ stage: 'tool' }, { step: 4, stage: 'check', charge: '0.000000' }]);
    expect(zip).toBe(404);
    const result = await bot.get(`/v1/jobs/${jobId}/result`);
    expect(result.body['no_artefact']).toMatchObject({ reason: 'packing_failed' });
    const { body } = await bot.get(`/v1/jobs/${jobId}/files`);
    expect(body['data']).toMatchObject([{ path: 'src/a.ts' }]);
  }, 60_000);
});
