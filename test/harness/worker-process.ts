// Test harness. A worker as it runs in production: a process of its own, which a test may kill or stop in its tracks.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { testServers } from './test-servers.js';
import type { TestStack } from './test-stack.js';

const MAIN = fileURLToPath(new URL('../../apps/worker/dist/main.js', import.meta.url));
const RUNS_WITHIN_MS = 30_000;

export class WorkerProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {}

  /** Resolves when it polls; `script` is a script book in JSON. */
  static async start(
    stack: TestStack,
    script: unknown,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<WorkerProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'fairmeter-worker-'));
    const scriptFile = join(folder, 'script.json');
    writeFileSync(scriptFile, JSON.stringify(script));
    const child = spawn(process.execPath, [MAIN], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        TZ: 'UTC',
        DATABASE_WRITER_URL: stack.database.writerUrl,
        TEMPORAL_ADDRESS: testServers().temporalAddress,
        TEMPORAL_NAMESPACE: stack.namespace,
        MODEL_SCRIPT_FILE: scriptFile,
        SHUTDOWN_GRACE_MS: '500',
        DATABASE_POOL_MAX: '4',
        ...settings,
      },
    });
    const worker = new WorkerProcess(child, folder);
    await worker.says('worker runs');
    return worker;
  }

  /** As a lost machine: nothing more is written, said or let go. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** As a machine that hangs: it wakes up again and goes on where it was. */
  freeze(): void {
    this.child.kill('SIGSTOP');
  }

  wake(): void {
    this.child.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, 'exit');
      this.child.kill(signal);
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async says(words: string): Promise<void> {
    let said = '';
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => {
        this.child.kill('SIGKILL');
        reject(new Error(`the worker did not say "${words}":\n${said}`));
      }, RUNS_WITHIN_MS);
      const hear = (bytes: Buffer): void => {
        // Read on after the words too: a full pipe would stop the process.
        said = `${said}${bytes.toString('utf8')}`.slice(-20_000);
        if (!said.includes(words)) return;
        clearTimeout(late);
        resolve();
      };
      this.child.stdout?.on('data', hear);
      this.child.stderr?.on('data', hear);
      this.child.once('exit', (code) => {
        clearTimeout(late);
        reject(new Error(`the worker ended with ${String(code)}:\n${said}`));
      });
    });
  }
}
