// Changes of terms whose histories are committed, played on real servers and replayed at once: see `stories.spec.ts`.
import type { AccountTermsInput, AccountTermsResult, TermsChange } from '@fairmeter/contracts';
import { ACCOUNT_TERMS_WORKFLOW, JOBS_QUEUE, termsWorkflowId } from '@fairmeter/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { keepStory } from '../harness/kept-stories.js';
import { openBot, type TestBot } from '../harness/people.js';
import { threeSteps } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';

const HASH = 'a'.repeat(64);

describe('changes of terms to replay', () => {
  let stack: TestStack;
  let bot: TestBot;
  beforeAll(async () => {
    stack = await TestStack.start({ models: threeSteps().port });
    bot = await openBot(stack);
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  async function play(name: string, change: TermsChange): Promise<AccountTermsResult> {
    const input: AccountTermsInput = {
      accountId: bot.accountId,
      changeKey: name,
      bodyHash: HASH,
      actor: { role: 'account_key', id: 'key_1' },
      change,
    };
    const workflowId = termsWorkflowId(input);
    const result = await stack.temporal.client.workflow.execute<
      (input: AccountTermsInput) => Promise<AccountTermsResult>
    >(ACCOUNT_TERMS_WORKFLOW, { workflowId, taskQueue: JOBS_QUEUE, args: [input] });
    await keepStory(stack, name, { workflowId, workflow: ACCOUNT_TERMS_WORKFLOW });
    return result;
  }

  it('limits: set', async () => {
    const limit = { kind: 'spend', subject: '', period: 'day', amountMicroCredits: '5000000' } as const;
    expect(await play('limits', { what: 'limits', limits: [limit] })).toEqual({ outcome: 'changed' });
  });

  it('refused: the bot is not there', async () => {
    const change = { what: 'funding', botId: 'bot_none', salesMode: 'business_direct' } as const;
    expect(await play('refused', change)).toMatchObject({ outcome: 'refused' });
  });
});
