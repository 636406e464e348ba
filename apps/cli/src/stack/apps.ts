// Command line: API and worker as child processes. Promises that both answer, and that neither sees more of the
// database than its role allows.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { logTail, passwordFor, type ManagedProcess, type OpenState } from '@fairmeter/platform/embedded';
import type { Environment } from '../settings.js';
import type { DatabaseUrls } from './database-port.js';

export interface AppsOptions {
  readonly checkout: string;
  readonly env: Environment;
  readonly urls: DatabaseUrls;
  readonly temporalAddress: string;
  readonly namespace: string;
  readonly apiPort: number;
  readonly workerMetricsPort: number;
  /** Set where the local issuer signs people in. */
  readonly oidcIssuers?: string | undefined;
}

export interface StartedApps {
  readonly apiUrl: string;
  readonly workerMetricsUrl: string;
}

const readyWithinMs = 60_000;
/** Beyond the grace that a process gives itself, for what it closes afterwards: killed earlier, it would lose that. */
const closingMs = 10_000;
/** As the processes' own default; the same variable sets both. */
const defaultGraceMs = 20_000;
/** After its grace the worker still gives its activities this long to hear that they were cancelled. */
const workerForceMs = 10_000;

/** Unless a person says otherwise, everything is paid at once and no money moves. */
function localPayments(env: Environment): string {
  return env['PAYMENTS'] ?? 'demo';
}

/** As the worker beside it sees it. */
export function takesPayments(env: Environment): boolean {
  return localPayments(env) === 'demo' || (env['STRIPE_API_KEY'] ?? '') !== '';
}

/** How long a process may take to stop before it is killed: always longer than it allows itself. */
export function stopBounds(env: Environment): { readonly apiMs: number; readonly workerMs: number } {
  const given = env['SHUTDOWN_GRACE_MS']?.trim() ?? '';
  // What is no number is refused by the processes themselves.
  const graceMs = /^\d+$/.test(given) ? Number(given) : defaultGraceMs;
  return { apiMs: graceMs + closingMs, workerMs: graceMs + workerForceMs + closingMs };
}

export async function startApps(state: OpenState, options: AppsOptions): Promise<StartedApps> {
  const bounds = stopBounds(options.env);
  const worker = await start(state, options, {
    app: 'worker',
    stopWithinMs: bounds.workerMs,
    own: {
      DATABASE_WRITER_URL: options.urls.writerUrl,
      WEBHOOK_SEALING_KEY: options.env['WEBHOOK_SEALING_KEY'] ?? localSecret(state, 'webhooks'),
      WORKER_METRICS_PORT: String(options.workerMetricsPort),
      // Without a key of a real provider the demo's model is a script; a person may name another one.
      PAYMENTS: localPayments(options.env),
      MODEL_SCRIPT_FILE: options.env['MODEL_SCRIPT_FILE'] ?? join(options.checkout, 'apps/cli/demo/model-script.json'),
    },
  });
  // Started after the worker, so that it is stopped before it: no new request while the worker drains.
  const api = await start(state, options, {
    app: 'api',
    stopWithinMs: bounds.apiMs,
    own: {
      DATABASE_READER_URL: options.urls.readerUrl,
      API_HOST: '127.0.0.1',
      API_PORT: String(options.apiPort),
      VISITOR_TOKEN_KEYS: options.env['VISITOR_TOKEN_KEYS'] ?? localTokenKey(state),
      VISITOR_HASH_KEY: options.env['VISITOR_HASH_KEY'] ?? localSecret(state, 'visitor_hashes'),
      WEBHOOK_SEALING_KEY: options.env['WEBHOOK_SEALING_KEY'] ?? localSecret(state, 'webhooks'),
      ...(options.oidcIssuers === undefined ? {} : { OIDC_ISSUERS: options.oidcIssuers }),
    },
  });
  const apiUrl = `http://127.0.0.1:${options.apiPort}`;
  await untilReady(`${apiUrl}/health/ready`, [api, worker]);
  return { apiUrl, workerMetricsUrl: `http://127.0.0.1:${options.workerMetricsPort}/metrics` };
}

/** What a child inherits: the person's environment, but never the administrator's way into the database. */
export function childEnvironment(
  env: Environment,
  options: Pick<AppsOptions, 'temporalAddress' | 'namespace'>,
  own: Readonly<Record<string, string>>,
): Record<string, string | undefined> {
  const inherited = { ...env };
  for (const name of ['DATABASE_URL', 'DATABASE_OWNER_URL', 'DATABASE_WRITER_URL', 'DATABASE_READER_URL']) {
    delete inherited[name];
  }
  // A key for another server is not shown to this one, and a server of ours speaks no TLS.
  if (options.temporalAddress !== env['TEMPORAL_ADDRESS']) {
    delete inherited['TEMPORAL_API_KEY'];
    delete inherited['TEMPORAL_TLS'];
  }
  return {
    ...inherited,
    ...own,
    TEMPORAL_ADDRESS: options.temporalAddress,
    TEMPORAL_NAMESPACE: options.namespace,
    TZ: 'UTC',
  };
}

function localTokenKey(state: OpenState): string {
  return `local:${localSecret(state, 'visitor_tokens')}`;
}

/** Remembered like passwords, so that what it made outlives a start; two of those are as long as a key must be. */
function localSecret({ folder }: OpenState, name: string): string {
  return `${passwordFor(folder, name)}${passwordFor(folder, `${name}_rest`)}`;
}

interface AppStart {
  readonly app: 'api' | 'worker';
  readonly stopWithinMs: number;
  readonly own: Readonly<Record<string, string>>;
}

function start(state: OpenState, options: AppsOptions, { app, stopWithinMs, own }: AppStart): Promise<ManagedProcess> {
  return state.supervisor.start({
    name: app === 'api' ? 'API' : 'worker',
    command: process.execPath,
    args: [join(options.checkout, 'apps', app, 'dist', 'main.js')],
    cwd: options.checkout,
    env: childEnvironment(options.env, options, own),
    logFile: join(state.folder.logs, `${app}.log`),
    stopSignal: 'SIGTERM',
    stopWithinMs,
  });
}

async function untilReady(url: string, apps: readonly ManagedProcess[]): Promise<void> {
  const deadline = performance.now() + readyWithinMs;
  let last = 'no answer';
  for (;;) {
    const ended = apps.find((app) => app.hasEnded());
    if (ended !== undefined) {
      throw new Error(`${ended.name} ended while starting. The end of ${ended.logFile}:\n${logTail(ended.logFile)}`);
    }
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
      last = `${answer.status} ${await answer.text()}`;
      if (answer.ok) return;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    if (performance.now() > deadline) throw new Error(`${url} is not ready after ${readyWithinMs / 1000} s: ${last}`);
    await sleep(100);
  }
}
