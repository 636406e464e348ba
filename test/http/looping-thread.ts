// HTTP suites. A thread that gets nowhere: a bot with its own agent tries the same again and again, and pays for each
// time that it thought about it.
import type { ReportingBot } from '../harness/reporting-bot.js';
import { toolCall, USED } from '../harness/reporting-bot.js';

/** As its messages name it at their bot. */
export const LOOPING = 'again';
const FAILED = { status: 'error', error: { class: 'unavailable', text: 'no answer' } };

/** A model call of 0.6 and a tool that fails, in a job of its own; from the third on the platform stops it. */
export async function failingJob(bot: ReportingBot, key: string): Promise<string> {
  const body = { prompt: 'Publish it', mode: 'reported', thread_id: LOOPING };
  const id = String((await bot.client.submit({ key, body })).body['id']);
  await bot.step(id, {}, USED);
  const end = await bot.step(id, toolCall('publish', { to: 'prod' }), FAILED);
  if (end.body['loop'] === null) await bot.finish(id);
  return id;
}
