// Embedded Temporal: from a survey of the ways to a server that answers. Promises to try the ways in their order and to
// say which one was taken and why the earlier ones were not.
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { logTail, type ManagedProcess } from '../processes/managed-process.js';
import type { TemporalSecurity } from '../../config/shared-settings.js';
import { wayTo } from '../../temporal/way.js';
import type { Reporter } from '../reporter.js';
import type { StateFolder } from '../state-folder.js';
import { StoppingError, type Supervisor } from '../supervisor.js';
import { downloadDevServer, startDevServer } from './dev-server.js';
import { buildTemporalServer } from './go-build.js';
import { startOwnServer } from './own-server.js';
import { temporalServerVersion, type ServerPorts } from './settings.js';
import { NoTemporalServerError, requiredGo, surveySources, type ServerPrograms, type SourceSurvey } from './sources.js';

export interface TemporalStartOptions {
  readonly address?: string | undefined;
  /** How the server at `address` is spoken to; without it in plain text. */
  readonly security?: TemporalSecurity | undefined;
  readonly cacheRoot: string;
  readonly namespace: string;
  readonly stepsTaskQueue: string;
  readonly historyShards?: number | undefined;
  readonly postgres: { readonly adminUrl: string; readonly embedded: boolean };
  readonly ports: ServerPorts;
  /** The caller's environment: its PATH is searched, and Go is run with it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly folder: StateFolder;
  readonly supervisor: Supervisor;
  readonly report: Reporter;
}

export interface StartedTemporal {
  readonly address: string;
  /** One phrase for people: which server this is. */
  readonly source: string;
  readonly kind: 'given' | 'own' | 'dev-server';
  readonly httpPort?: number;
  readonly historyShards?: number;
}

const startWithinMs = 60_000;

export async function startTemporal(options: TemporalStartOptions): Promise<StartedTemporal> {
  const survey = surveySources({ ...options, searchPath: options.env['PATH'] ?? '' });
  if (survey.address !== undefined) {
    await untilAnswers(survey.address, undefined, options.security);
    return { address: survey.address, source: 'the server of TEMPORAL_ADDRESS', kind: 'given' };
  }
  const reasons: string[] = ['TEMPORAL_ADDRESS is not set'];
  const programs = await ownPrograms(options, survey, reasons);
  if (programs !== undefined) return startOwn(options, programs);
  const program = await devProgram(options, survey, reasons);
  if (program !== undefined) return startDev(options, program);
  throw new NoTemporalServerError(reasons);
}

async function ownPrograms(
  options: TemporalStartOptions,
  survey: SourceSurvey,
  reasons: string[],
): Promise<ServerPrograms | undefined> {
  if (survey.cached !== undefined) return survey.cached;
  reasons.push(`no server ${temporalServerVersion} in ${options.cacheRoot}`);
  if (survey.go === undefined) {
    reasons.push('no Go on PATH');
    return undefined;
  }
  if (!survey.go.recentEnough) {
    reasons.push(`Go ${survey.go.version} on PATH is older than ${requiredGo}`);
    return undefined;
  }
  try {
    return await buildTemporalServer({ ...options, go: survey.go.program });
  } catch (error) {
    if (error instanceof StoppingError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    options.report.line(`the build of the Temporal server failed, trying the next way. ${why}`);
    reasons.push(`the build with Go ${survey.go.version} failed: ${lastLine(why)}`);
    return undefined;
  }
}

async function devProgram(
  options: TemporalStartOptions,
  survey: SourceSurvey,
  reasons: string[],
): Promise<{ readonly path: string; readonly what: string } | undefined> {
  if (survey.temporal !== undefined) return { path: survey.temporal.program, what: survey.temporal.version };
  reasons.push('no `temporal` program on PATH');
  try {
    options.report.line("fetching the `temporal` program by the SDK's own download");
    return { path: await downloadDevServer(options.cacheRoot), what: "the SDK's own download" };
  } catch (error) {
    reasons.push(`the SDK could not download it: ${lastLine(error instanceof Error ? error.message : String(error))}`);
    return undefined;
  }
}

async function startOwn(options: TemporalStartOptions, programs: ServerPrograms): Promise<StartedTemporal> {
  const own = await startOwnServer({
    ...options,
    programs,
    adminUrl: options.postgres.adminUrl,
    namePrefix: options.postgres.embedded ? '' : prefixFor(options.folder),
  });
  const address = `127.0.0.1:${options.ports.frontend}`;
  await untilAnswers(address, own.process);
  return {
    address,
    source: `Temporal server ${temporalServerVersion}, built from source, persisting in Postgres`,
    kind: 'own',
    httpPort: options.ports.frontendHttp,
    historyShards: own.historyShards,
  };
}

async function startDev(
  options: TemporalStartOptions,
  program: { readonly path: string; readonly what: string },
): Promise<StartedTemporal> {
  const server = await startDevServer({ ...options, program: program.path });
  const address = `127.0.0.1:${options.ports.frontend}`;
  await untilAnswers(address, server);
  return {
    address,
    source: `Temporal dev server (${program.what})`,
    kind: 'dev-server',
    httpPort: options.ports.frontendHttp,
  };
}

// In somebody else's Postgres a database called "temporal" may well be in use, so ours carry the checkout's mark.
function prefixFor(folder: StateFolder): string {
  const mark = createHash('sha256').update(realpathSync(folder.path)).digest('hex').slice(0, 8);
  return `fairmeter_${mark}_`;
}

async function untilAnswers(
  address: string,
  server: ManagedProcess | undefined,
  security?: TemporalSecurity,
): Promise<void> {
  const deadline = performance.now() + (server === undefined ? 10_000 : startWithinMs);
  for (;;) {
    if (server?.hasEnded() === true) {
      throw new Error(`${server.name} ended while starting. Its log:\n${logTail(server.logFile)}`);
    }
    if (await answers(address, security)) return;
    if (performance.now() > deadline) {
      const log = server === undefined ? '' : ` Its log:\n${logTail(server.logFile)}`;
      throw new Error(`no Temporal server answers at ${address}.${log}`);
    }
    await sleep(50);
  }
}

async function answers(address: string, security: TemporalSecurity | undefined): Promise<boolean> {
  const connection = Connection.lazy(wayTo({ address, ...security }));
  try {
    await connection.withDeadline(Date.now() + 1_000, () => connection.workflowService.getSystemInfo({}));
    return true;
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? text;
}
