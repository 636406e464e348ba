// Bench room, jobs. A fresh worker in the place of the one that took the load, with its own proxy before Postgres: for
// what is counted one job at a time, and for its memory with many jobs open.
import type { ManagedProcess } from '@fairmeter/platform/embedded';
import type { ScenarioContext } from '../scenarios/scenario.js';
import type { BenchStack } from '../stack/bench-stack.js';
import { replaceWorkerBy } from '../stack/own-worker.js';
import { CountingProxy } from './counting-proxy.js';

export interface MeasuredWorker {
  readonly process: ManagedProcess;
  readonly proxy: CountingProxy;
}

export interface MeasuredWorkerWish {
  readonly scriptFile: string;
}

export async function replaceWorker(
  context: ScenarioContext,
  stack: BenchStack,
  { scriptFile }: MeasuredWorkerWish,
): Promise<MeasuredWorker> {
  const proxy = await CountingProxy.before(stack.urls.writerUrl);
  const env = { DATABASE_WRITER_URL: proxy.through(stack.urls.writerUrl), MODEL_SCRIPT_FILE: scriptFile };
  return { process: await replaceWorkerBy(context, stack, { name: 'measured worker', env }), proxy };
}
