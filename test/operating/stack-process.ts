// Operating tests. The command line as an operator uses it: a process of its own, in a state folder of its own.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));
/** To be forced down; all but the first two are for those that were not heard. */
const MOST_SIGNALS = 4;
/** What a person may have set for the stack of this checkout must not reach the stack of a test. */
const forgotten = [
  ...['DATABASE_URL', 'DATABASE_WRITER_URL', 'TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'INIT_CWD'],
  ...['POSTGRES_PORT', 'TEMPORAL_PORT', 'API_PORT', 'WORKER_METRICS_PORT'],
];

export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

export interface CommandEnvironment {
  readonly stateDir: string;
  readonly more?: Readonly<Record<string, string>>;
}

interface Running {
  readonly child: ChildProcess;
  readonly output: () => string;
}

export async function runCommand(args: readonly string[], environment: CommandEnvironment): Promise<Ended> {
  const { child, output } = launch(args, environment);
  await once(child, 'close');
  return { code: child.exitCode, output: output() };
}

/** A whole stack, from `start` to the signal that ends it. */
export class StackProcess {
  private constructor(private readonly running: Running) {}

  static async start(environment: CommandEnvironment): Promise<StackProcess> {
    const running = launch(['start'], environment);
    for (;;) {
      if (running.output().includes('Ctrl-C stops everything')) return new StackProcess(running);
      if (running.child.exitCode !== null) throw new Error(`start ended:\n${running.output()}`);
      await new Promise((resume) => setTimeout(resume, 50));
    }
  }

  get output(): string {
    return this.running.output();
  }

  async stop(): Promise<number | null> {
    const { child } = this.running;
    if (child.exitCode !== null) return child.exitCode;
    child.kill('SIGTERM');
    await once(child, 'close');
    return child.exitCode;
  }

  /** What a person does who does not want to wait for steps in flight: asks twice. */
  async forceDown(): Promise<void> {
    const { child } = this.running;
    if (child.exitCode !== null) return;
    const closed = once(child, 'close').then(() => true);
    // Two signals of one key press come closer together than this, and count as one; so do two that a process which
    // stood still is handed late. Whoever is not heard asks once more.
    for (let signals = 0, isClosed = false; !isClosed; signals += 1) {
      if (signals < MOST_SIGNALS) child.kill('SIGTERM');
      const later = new Promise<false>((resume) => setTimeout(resume, 1_200, false));
      isClosed = await Promise.race([closed, later]);
    }
  }

  submit(key: string, prompt: string): Promise<Answer> {
    return this.call('POST', '/v1/bots/bot_demo_coder/jobs', {
      headers: { 'idempotency-key': key, 'content-type': 'application/json' },
      body: JSON.stringify({ prompt }),
    });
  }

  job(id: string): Promise<Answer> {
    return this.call('GET', `/v1/jobs/${id}`, {});
  }

  cost(id: string): Promise<Answer> {
    return this.call('GET', `/v1/jobs/${id}/cost`, {});
  }

  /** Asks until the job is as wanted. */
  async jobThat(id: string, fits: (body: Answer['body']) => boolean, withinMs: number): Promise<Answer['body']> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const { body } = await this.job(id);
      if (fits(body)) return body;
      if (Date.now() > deadline) throw new Error(`job ${id} is still ${JSON.stringify(body)}`);
      await new Promise((resume) => setTimeout(resume, 50));
    }
  }

  ended(id: string, withinMs = 20_000): Promise<Answer['body']> {
    return this.jobThat(id, (body) => typeof body['ended_at'] === 'string', withinMs);
  }

  private async call(method: string, path: string, init: RequestInit): Promise<Answer> {
    const response = await fetch(`${this.told(/^API +(\S+)/m)}${path}`, {
      ...init,
      method,
      headers: {
        authorization: `Bearer ${this.told(/^coding bot +\S+ +key (\S+)/m)}`,
        ...(init.headers as Record<string, string> | undefined),
      },
    });
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  }

  private told(what: RegExp): string {
    const found = what.exec(this.output)?.[1];
    if (found === undefined) throw new Error(`start did not say ${what.source}:\n${this.output}`);
    return found;
  }
}

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

// `env` hands on the environment of the tests with a few changes, so that nobody here has to read it.
function launch(args: readonly string[], { stateDir, more = {} }: CommandEnvironment): Running {
  const settings = Object.entries({ FAIRMETER_STATE_DIR: stateDir, ...more }).map(
    ([name, value]) => `${name}=${value}`,
  );
  const child = spawn(
    'env',
    [...forgotten.flatMap((name) => ['-u', name]), ...settings, process.execPath, program, ...args],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  return { child, output: () => text };
}
