// Bench room, jobs. A fresh worker in the place of the one that took the load, with its own proxy before Postgres: for
// what is counted one job at a time, and for its memory with many jobs open.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freeLoopbackPort } from '@fairmeter/platform';
import type { ManagedProcess } from '@fairmeter/platform/embedded';
import { childEnvironment } from '../../apps/cli/src/stack/apps.js';
import type { ScenarioContext } from '../scenarios/scenario.js';
import type { BenchStack } from '../stack/bench-stack.js';
import { CountingProxy } from './counting-proxy.js';

export interface MeasuredWorker {
  readonly process: ManagedProcess;
  readonly proxy: CountingProxy;
}

export interface MeasuredWorkerWish {
  readonly scriptFile: string;
}

const RUNS_WITHIN_MS = 30_000;

export async function replaceWorker(
  { state, settings }: ScenarioContext,
  stack: BenchStack,
  wish: MeasuredWorkerWish,
): Promise<MeasuredWorker> {
  await state.supervisor.processes.find(({ name }) => name === 'worker')?.stop();
  const proxy = await CountingProxy.before(stack.urls.writerUrl);
  const metricsPort = await freeLoopbackPort();
  const process = await state.supervisor.start({
    name: 'measured worker',
    command: globalThis.process.execPath,
    args: [join(settings.checkout, 'apps', 'worker', 'dist', 'main.js')],
    cwd: settings.checkout,
    env: childEnvironment(
      settings.env,
      { temporalAddress: stack.temporal.address, namespace: settings.servers.namespace },
      {
        DATABASE_WRITER_URL: proxy.through(stack.urls.writerUrl),
        WORKER_METRICS_PORT: String(metricsPort),
        MODEL_SCRIPT_FILE: wish.scriptFile,
        LOG_LEVEL: 'warn',
        // Whatever is open at the end of a bench is not waited for.
        SHUTDOWN_GRACE_MS: '500',
      },
    ),
    logFile: join(state.folder.logs, 'measured-worker.log'),
    stopSignal: 'SIGTERM',
    stopWithinMs: 5_000,
  });
  await untilItAnswers(`http://127.0.0.1:${metricsPort}/metrics`);
  return { process, proxy };
}

async function untilItAnswers(url: string): Promise<void> {
  const deadline = performance.now() + RUNS_WITHIN_MS;
  while (performance.now() < deadline) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok === true) return;
    await sleep(100);
  }
  throw new Error('the measured worker does not run');
}
