// Bench room, the stack. A worker with settings of its own in the place of the one that the stack began with.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freeLoopbackPort } from '@fairmeter/platform';
import type { ManagedProcess } from '@fairmeter/platform/embedded';
import { childEnvironment } from '../../apps/cli/src/stack/apps.js';
import type { ScenarioContext } from '../scenarios/scenario.js';
import type { BenchStack } from './bench-stack.js';

export interface OwnWorker {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
}

const RUNS_WITHIN_MS = 30_000;

/** The one that the stack began with, and those after it whose name begins as its does. */
async function stopWorkers({ state }: ScenarioContext): Promise<void> {
  for (const each of state.supervisor.processes) if (each.name.startsWith('worker')) await each.stop();
}

export async function replaceWorkerBy(
  context: ScenarioContext,
  stack: BenchStack,
  { name, env }: OwnWorker,
): Promise<ManagedProcess> {
  const { state, settings } = context;
  await stopWorkers(context);
  const metricsPort = await freeLoopbackPort();
  const process = await state.supervisor.start({
    name,
    command: globalThis.process.execPath,
    args: [join(settings.checkout, 'apps', 'worker', 'dist', 'main.js')],
    cwd: settings.checkout,
    env: childEnvironment(
      settings.env,
      { temporalAddress: stack.temporal.address, namespace: settings.servers.namespace },
      {
        DATABASE_WRITER_URL: stack.urls.writerUrl,
        WORKER_METRICS_PORT: String(metricsPort),
        LOG_LEVEL: 'warn',
        // Whatever is open at the end of a bench is not waited for.
        SHUTDOWN_GRACE_MS: '500',
        ...env,
      },
    ),
    logFile: join(state.folder.logs, `${name.replaceAll(' ', '-')}.log`),
    stopSignal: 'SIGTERM',
    stopWithinMs: 5_000,
  });
  await untilItAnswers(`http://127.0.0.1:${metricsPort}/metrics`, name);
  return process;
}

async function untilItAnswers(url: string, name: string): Promise<void> {
  const deadline = performance.now() + RUNS_WITHIN_MS;
  while (performance.now() < deadline) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok === true) return;
    await sleep(100);
  }
  throw new Error(`the ${name} does not run`);
}
