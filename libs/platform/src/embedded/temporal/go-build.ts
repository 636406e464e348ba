// Embedded Temporal: building the server from source, once per version and user. Promises that two runs wait for one
// build, that a build cut short leaves nothing behind that looks finished, and that the wait can be watched.
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { waitForLock } from '../processes/lock.js';
import type { Reporter } from '../reporter.js';
import { removePath } from '../state-folder.js';
import type { Supervisor } from '../supervisor.js';
import { isExecutable, serverCacheFolder, type ServerPrograms } from './sources.js';
import { temporalServerVersion } from './settings.js';

export interface GoBuildOptions {
  readonly cacheRoot: string;
  readonly go: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly supervisor: Supervisor;
  readonly report: Reporter;
}

const packages = [
  `go.temporal.io/server/cmd/server@v${temporalServerVersion}`,
  `go.temporal.io/server/cmd/tools/sql@v${temporalServerVersion}`,
] as const;

export async function buildTemporalServer(options: GoBuildOptions): Promise<ServerPrograms> {
  const { cacheRoot, report } = options;
  const folder = serverCacheFolder(cacheRoot);
  const done = { server: join(folder, 'temporal-server'), sqlTool: join(folder, 'temporal-sql-tool') };
  mkdirSync(cacheRoot, { recursive: true });
  const lock = await waitForLock(`${folder}.lock`, `the build of Temporal server ${temporalServerVersion}`, (holder) =>
    report.progress(`waiting for process ${holder.pid}, which builds the same Temporal server`),
  );
  try {
    if (isExecutable(done.server) && isExecutable(done.sqlTool)) return done;
    await build(options, folder);
    return done;
  } finally {
    lock.release();
  }
}

async function build(options: GoBuildOptions, folder: string): Promise<void> {
  const { supervisor, report } = options;
  const draft = `${folder}.building`;
  removePath(draft);
  mkdirSync(draft, { recursive: true });
  const started = performance.now();
  const seconds = (): string => String(Math.round((performance.now() - started) / 1000));
  report.line(`building Temporal server ${temporalServerVersion} with Go: minutes the first time, cached in ${folder}`);
  const ticker = setInterval(
    () => report.progress(`building Temporal server ${temporalServerVersion}: ${seconds()} s`),
    1000,
  );
  try {
    for (const name of packages) {
      await supervisor.runToEnd({
        name: `go install ${name}`,
        command: options.go,
        args: ['install', name],
        cwd: draft,
        // Module and build caches stay where the user's Go keeps them; only the result goes to our folder.
        env: { ...options.env, GOBIN: draft, GOFLAGS: '', GOWORK: 'off', GOOS: '', GOARCH: '' },
        logFile: join(options.cacheRoot, 'temporal-server-build.log'),
        stopSignal: 'SIGTERM',
        stopWithinMs: 5_000,
      });
    }
    renameSync(join(draft, 'server'), join(draft, 'temporal-server'));
    renameSync(join(draft, 'sql'), join(draft, 'temporal-sql-tool'));
    removePath(folder);
    renameSync(draft, folder);
    report.line(`built Temporal server ${temporalServerVersion} in ${seconds()} s`);
  } finally {
    clearInterval(ticker);
    removePath(draft);
  }
}
