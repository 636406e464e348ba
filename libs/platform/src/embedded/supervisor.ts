// Embedded servers: the parent of all children. Promises that they end in the reverse order of their start, that none
// is started once the end has begun, and that an end nobody asked for is heard.
import { logTail, startProcess, type ManagedProcess, type ProcessSpec } from './processes/managed-process.js';
import type { ProcessRecords } from './processes/records.js';

export class StoppingError extends Error {
  constructor() {
    super('the stack is being stopped');
    this.name = 'StoppingError';
  }
}

export class Supervisor {
  private readonly running: ManagedProcess[] = [];
  private readonly deathListeners: ((what: string) => void)[] = [];
  private stopping = false;

  constructor(private readonly records: ProcessRecords) {}

  get isStopping(): boolean {
    return this.stopping;
  }

  /** What runs now, in the order of its start. */
  get processes(): readonly ManagedProcess[] {
    return [...this.running];
  }

  /** Starts a server or app that is meant to live until stopAll(). */
  async start(spec: ProcessSpec): Promise<ManagedProcess> {
    const child = await this.run(spec);
    void child.ended.then((end) => {
      if (end.asked || this.stopping) return;
      const how = end.signal === null ? `with exit code ${end.code ?? 'unknown'}` : `by signal ${end.signal}`;
      const what = `${spec.name} ended unexpectedly ${how}. The end of ${spec.logFile}:\n${logTail(spec.logFile)}`;
      for (const listener of this.deathListeners) listener(what);
    });
    return child;
  }

  /** Runs a program that ends by itself; a failure is an error with the end of its log. */
  async runToEnd(spec: ProcessSpec): Promise<void> {
    const code = await this.runForCode(spec);
    if (code !== 0) throw new Error(`${spec.name} failed. The end of ${spec.logFile}:\n${logTail(spec.logFile)}`);
  }

  /** Runs a program that ends by itself, and answers its exit code. */
  async runForCode(spec: ProcessSpec): Promise<number> {
    const child = await this.run(spec);
    const end = await child.ended;
    this.running.splice(this.running.indexOf(child), 1);
    if (this.stopping) throw new StoppingError();
    return end.code ?? 1;
  }

  onUnexpectedEnd(listener: (what: string) => void): void {
    this.deathListeners.push(listener);
  }

  /** Ends everything, last started first. */
  async stopAll(onStop: (name: string) => void = () => undefined): Promise<void> {
    this.stopping = true;
    for (const child of [...this.running].reverse()) {
      if (!child.hasEnded()) onStop(child.name);
      await child.stop();
    }
  }

  /** The second Ctrl-C: no patience left. Postgres recovers from its log at the next start. */
  killAll(): void {
    this.stopping = true;
    for (const child of [...this.running].reverse()) child.kill();
  }

  private async run(spec: ProcessSpec): Promise<ManagedProcess> {
    if (this.stopping) throw new StoppingError();
    const child = await startProcess(spec, this.records);
    this.running.push(child);
    return child;
  }
}
