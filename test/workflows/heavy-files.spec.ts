// Files that are slow to read, through the whole corridor: the check is ended at its time, nobody is charged for it,
// and the agent goes on.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CODE_LIMITS, OwnTools, renderToolCall } from '@fairmeter/providers/tools';
import { expectLedgerHolds } from '../harness/audit.js';
import { BotClient } from '../harness/bot-client.js';
import { attemptLines, stepsOf } from '../harness/ledger-facts.js';
import { openBot } from '../harness/people.js';
import { byStage, reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';

/** Whatever closes nothing is compared with all that is open: a megabyte of it takes seconds on any machine. */
const SLOW = `${'('.repeat(1_490)}\n${`${']'.repeat(9_999)}\n`.repeat(104)}`;
const FILES = ['a.html', 'b.html', 'c.html', 'd.html', 'a.ts', 'b.ts'];
const contentOf = (path: string): string => (path.endsWith('.html') ? `<script>${SLOW}</script>` : SLOW);

const done = renderToolCall({ tool: 'done', summary: 'done' });
const heavy = [
  ...FILES.map((path) => renderToolCall({ tool: 'write', path, content: contentOf(path) })),
  renderToolCall({ tool: 'search', query: '(a+)+z|((a|aa)+)+y', kind: 'regex' }),
  done,
].join('');
const light = [
  ...FILES.map((path) => renderToolCall({ tool: 'delete', path })),
  renderToolCall({ tool: 'write', path: 'index.html', content: '<!doctype html><title>light</title>\n' }),
  done,
].join('');

describe('an agent whose files are slow to check', () => {
  // All those files take five times as long, a small one a twentieth: neither depends on how fast the machine is.
  const tools = new OwnTools({ code: { ...CODE_LIMITS, pagesMilliseconds: 60_000 }, checkMilliseconds: 4_000 });
  let stack: TestStack;
  beforeAll(async () => {
    const { port } = byStage({ plan: [reply('plan')], generate: [reply(heavy)], repair: [reply(light)] });
    stack = await TestStack.start({ models: port, tools });
  }, 60_000);
  afterAll(async () => {
    await expectLedgerHolds(stack);
    await stack.stop();
    await tools.stop();
  }, 60_000);

  it('[F8] is not charged for the check that was ended, and finishes in its next iteration', async () => {
    const owner = await openBot(stack, { credits: '100', program: 'workspace', maxCredits: '50' });
    const bot = new BotClient(stack, owner);
    const jobId = String((await bot.submit({ body: { prompt: 'Heavy pages' } })).body['id']);
    expect((await bot.ended(jobId, 40_000)).body).toMatchObject({ state: 'completed', iteration: 2 });
    const steps = await stepsOf(stack, jobId);
    const [ended, next] = steps.filter(({ stage }) => stage === 'check');
    expect(ended).toMatchObject({ verdict: 'changes_requested', charge: '0.000000' });
    expect(next).toMatchObject({ verdict: 'approved' });
    expect(await attemptLines(stack, jobId)).toContain(`${ended?.step ?? 0}.1 platform_fault timed_out`);
  }, 60_000);
});
