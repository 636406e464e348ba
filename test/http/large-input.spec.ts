// Ten megabytes of prompt and files through the whole stack: the model reads all of it, the history none of it.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { BotClient } from '../harness/bot-client.js';
import { fetchHistory, textOf } from '../harness/histories.js';
import { workflowOf } from '../harness/ledger-facts.js';
import { openBot } from '../harness/people.js';
import { byStage, reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';

const MARKER = 'vermilion-axolotl';
const TEN_MIB = 10 * 1_048_576;
const MOST_HISTORY_BYTES = 30_000;

describe('large inputs', () => {
  const script = byStage({ answer: [reply('read', { input: 2_600_000, output: 10 })] });
  let stack: TestStack;
  beforeAll(async () => {
    // How long counting ten megabytes takes is the machine's; the answer waits for it.
    stack = await TestStack.start({
      models: script.port,
      api: { ADMIT_DEADLINE_MS: '30000', ADMIT_WITHIN_MS: '40000' },
    });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  /** Files that, with the prompt, come to just so many bytes as a model is shown them. */
  function filesOf(bytes: number): { path: string; text: string }[] {
    const half = Math.floor(bytes / 2);
    const frame = '\n\n--- a.txt\n'.length;
    // Umlauts and line breaks: more bytes on the wire than characters.
    const first = `${MARKER}\n${'ä\n'.repeat(10_000)}`;
    const text = first + 'x'.repeat(half - frame - Buffer.byteLength(first));
    return [
      { path: 'a.txt', text },
      { path: 'b.txt', text: 'y'.repeat(bytes - half - frame) },
    ];
  }

  it('[F23] ten megabytes run as one job whose history stays small and holds none of it', async () => {
    const owner = await openBot(stack, { type: 'chat', plan: 'plan_custom', credits: '5000', maxCredits: '2000' });
    const bot = new BotClient(stack, owner);
    const prompt = `Read it: ${MARKER}`;
    const context = filesOf(TEN_MIB - Buffer.byteLength(prompt));
    const submitted = await bot.submit({ body: { prompt, context } });
    expect(submitted.status).toBe(202);
    expect(submitted.body).toMatchObject({
      prompt_bytes: Buffer.byteLength(prompt),
      context_bytes: TEN_MIB - Buffer.byteLength(prompt),
    });
    const jobId = String(submitted.body['id']);
    expect((await bot.ended(jobId)).body).toMatchObject({ state: 'completed', charge: '130.002500' });

    const [call] = script.model.calls;
    const asked = call?.request.messages[0]?.text ?? '';
    expect(Buffer.byteLength(asked)).toBe(TEN_MIB);
    // Compared outside the matcher: a failure would print all of it.
    expect(context.every(({ text }) => asked.includes(text))).toBe(true);

    const { workflowId } = await workflowOf(stack, jobId);
    await stack.temporal.client.workflow.getHandle(workflowId).result();
    const history = await fetchHistory(stack, workflowId);
    expect(historyToJSON(history).length).toBeLessThan(MOST_HISTORY_BYTES);
    expect(textOf(history).includes(MARKER)).toBe(false);
    const again = await bot.submit({ body: { prompt, context } });
    expect([again.body['id'], again.body['replayed']]).toEqual([jobId, true]);
  }, 60_000);

  it('refuses one byte more, with the count, and writes nothing of it', async () => {
    const owner = await openBot(stack, { type: 'chat', plan: 'plan_custom', credits: '5000' });
    const prompt = 'p';
    const context = filesOf(TEN_MIB);
    const refused = await new BotClient(stack, owner).submit({ body: { prompt, context } });
    expect([refused.status, refused.body['code']]).toEqual([422, 'validation_failed']);
    expect(refused.body['errors']).toEqual([
      { pointer: '/context', message: expect.stringContaining(`${TEN_MIB + 1} bytes`) },
    ]);
    const sql = 'SELECT count(*)::int AS texts FROM records.texts WHERE subject = $1';
    expect(await stack.entities.manager.query(sql, [owner.botId])).toEqual([{ texts: 0 }]);
  });
});
