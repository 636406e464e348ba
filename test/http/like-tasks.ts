// HTTP suites. Tasks that a reported thread is compared with, and such that look alike and are none.
import { BotClient } from '../harness/bot-client.js';
import { addKey, openBot, openTestKey } from '../harness/people.js';
import { MODEL_CALL } from '../harness/reporting-bot.js';
import type { TestStack } from '../harness/test-stack.js';

/** One of 1,000 tokens read and so many written; 200 of them make 0.6 credits. */
async function likeJob(client: BotClient, output: number, body: object = {}): Promise<void> {
  const key = `like-${output}-${JSON.stringify(body).length}`;
  const submitted = await client.submit({ key, body: { prompt: 'Another', mode: 'reported', ...body } });
  const id = String(submitted.body['id']);
  const begun = { iteration: 1, ...MODEL_CALL };
  const { body: step } = await client.steer(id, 'steps', { key: 'begin', body: begun });
  const ended = { attempt: 1, status: 'ok', tokens: { input: 1_000, output } };
  await client.steer(id, `steps/${String(step['step'])}/end`, { key: 'end', body: ended });
  const finished = await client.steer(id, 'finish', { key: 'finish', body: { state: 'completed' } });
  if (finished.status >= 300) throw new Error(JSON.stringify([submitted.body, step, finished.body]));
}

/** Four like tasks of another account, and one each of another kind, model, class of context and environment. */
export async function playLikeTasks(stack: TestStack): Promise<void> {
  const other = await openBot(stack, { credits: '100' });
  await addKey(stack, { ...other, key: `fm_live_${other.botId}` }, ['submit', 'read', 'report']);
  const client = new BotClient(stack, { ...other, key: `fm_live_${other.botId}` });
  for (const output of [100, 150, 300, 400]) await likeJob(client, output);
  await likeJob(client, 50, { request_kind: 'optimise' });
  await likeJob(client, 50, { model: 'demo-chat' });
  await likeJob(client, 50, { prompt: 'word '.repeat(2_000) });
  const testing = new BotClient(stack, {
    ...other,
    key: await openTestKey(stack, other, ['submit', 'read', 'report']),
  });
  await likeJob(testing, 50);
}
