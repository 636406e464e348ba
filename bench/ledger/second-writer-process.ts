// Bench room, the ledger. The bench's side of a second writing process: started, told, and ended.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FromWriter, SecondWriterOptions, ToWriter } from './writer-messages.js';

export type WriterReport = Extract<FromWriter, { say: 'stopped' }>;

export class SecondWriterProcess {
  private constructor(private readonly child: ChildProcess) {}

  static async start(options: SecondWriterOptions): Promise<SecondWriterProcess> {
    const child = fork(fileURLToPath(new URL('second-writer.js', import.meta.url)), [JSON.stringify(options)]);
    const writer = new SecondWriterProcess(child);
    await writer.hear('ready');
    return writer;
  }

  begin(callers: number): void {
    this.tell({ say: 'begin', callers });
  }

  /** Ends the load and the process. */
  async stop(): Promise<WriterReport> {
    const stopped = this.hear('stopped');
    this.tell({ say: 'stop' });
    const report = await stopped;
    const ended = once(this.child, 'exit');
    this.child.disconnect();
    await ended;
    return report;
  }

  private tell(message: ToWriter): void {
    this.child.send(message);
  }

  private async hear<Say extends FromWriter['say']>(say: Say): Promise<Extract<FromWriter, { say: Say }>> {
    const died = once(this.child, 'exit').then(([code]: unknown[]): never => {
      throw new Error(`the second writing process ended with ${String(code)}`);
    });
    const heard = once(this.child, 'message').then(([message]: unknown[]) => message as FromWriter);
    const message = await Promise.race([heard, died]);
    died.catch(() => undefined);
    if (message.say !== say) throw new Error(`the second writing process said ${message.say}`);
    return message as Extract<FromWriter, { say: Say }>;
  }
}
