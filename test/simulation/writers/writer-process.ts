// Simulation. The starter's side of a writing process: what it asked and was not told before the end is unknown.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { LedgerRequest } from '../ledger/request.js';
import type { FromWriter, ToWriter } from './process-messages.js';
import type { Told, Writer } from './writer.js';

const GONE: Told = { kind: 'unknown', why: 'the writing process is gone' };

export class WriterProcess implements Writer {
  private readonly asked = new Map<number, (told: Told) => void>();
  private lastId = 0;
  /** What askers are told once it has ended: that nobody knows, or, where nobody ended it, that it broke. */
  private gone = GONE;
  private isBeingEnded = false;

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (message: FromWriter) => {
      if (message.kind === 'told') this.tell(message.id, message.told);
    });
    child.on('exit', (code, signal) => {
      if (!this.isBeingEnded) {
        const how = signal ?? `code ${String(code)}`;
        this.gone = { kind: 'broken', why: `the writing process ended by itself with ${how}` };
      }
      for (const id of [...this.asked.keys()]) this.tell(id, this.gone);
    });
  }

  /** Resolves when its ledger is open. */
  static async start(main: string, url: string, name: string): Promise<WriterProcess> {
    const child = fork(main, [], { serialization: 'advanced', env: { TZ: 'UTC' }, execArgv: [] });
    const writer = new WriterProcess(child);
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`the writing process ended with ${String(code)} before its ledger was open`);
    });
    ended.catch(() => undefined);
    writer.send({ kind: 'open', url, name });
    await Promise.race([once(child, 'message'), ended]);
    return writer;
  }

  ask(request: LedgerRequest): Promise<Told> {
    if (!this.child.connected) return Promise.resolve(this.gone);
    const id = ++this.lastId;
    return new Promise((resolve) => {
      this.asked.set(id, resolve);
      this.send({ kind: 'ask', id, request });
    });
  }

  /** As a lost machine: nothing more is written, said or let go. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async close(): Promise<void> {
    await this.end('SIGTERM');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    this.isBeingEnded = true;
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill(signal);
    await ended;
  }

  private send(message: ToWriter): void {
    // A message that the end of the process overtook is as unknown as one that it had read.
    this.child.send(message, () => undefined);
  }

  private tell(id: number, told: Told): void {
    this.asked.get(id)?.(told);
    this.asked.delete(id);
  }
}
