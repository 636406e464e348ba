// Providers room, tools. One thread in which tools work, one task at a time: parsing and searching hold up nobody else
// in this process, and a task that does not come to its end is ended with its thread. The next task gets a new one.
import { Worker } from 'node:worker_threads';
import type { Workspace } from '../workspace/workspace.js';
import type { Came, TaskName, ToolAnswers, ToolTask, Turn } from './tool-task.js';

/** A thread runs what was built, also where this room runs from its sources: Node reads no TypeScript. */
const ENTRY = new URL('./thread-entry.js', import.meta.url.replace('/providers/src/', '/providers/dist/'));

export interface ThreadLimits {
  /** What a task may keep in memory before its thread is ended. */
  readonly megabytes: number;
}

/** A parser needs some fifty times the size of the page it reads. */
const THREAD_LIMITS: ThreadLimits = { megabytes: 512 };

export class ToolThread {
  private worker: Worker | null = null;
  /** The files that the thread has, by their hash. */
  private held: string | null = null;
  private lane: Promise<unknown> = Promise.resolve();

  constructor(private readonly limits: ThreadLimits = THREAD_LIMITS) {}

  /** The time runs from when the task has its turn: whoever waits for a slow one before it is not blamed for that. */
  async ask<Name extends TaskName>(
    files: Workspace,
    task: Extract<ToolTask, { readonly name: Name }>,
    milliseconds: number,
  ): Promise<Came<Name>> {
    const turn = this.lane.then(async () => this.turn<Name>(files, task, milliseconds));
    // A turn never throws, but the lane must not depend on that.
    this.lane = turn.catch(() => undefined);
    return turn;
  }

  /** Ends the thread once its task is done; whatever is asked later begins a new one. */
  async stop(): Promise<void> {
    await this.lane;
    await this.end();
  }

  private async turn<Name extends TaskName>(
    files: Workspace,
    task: ToolTask,
    milliseconds: number,
  ): Promise<Came<Name>> {
    const worker = (this.worker ??= this.begin());
    const over = new AbortController();
    const came = await new Promise<Came<Name>>((resolve) => {
      const timer = setTimeout(() => {
        resolve({ kind: 'timed_out' });
      }, milliseconds);
      const answered = (answer: ToolAnswers[Name]): void => {
        resolve({ kind: 'answered', answer });
      };
      const died = (): void => {
        resolve({ kind: 'tool_crashed' });
      };
      worker.once('message', answered).once('exit', died);
      over.signal.addEventListener('abort', () => {
        clearTimeout(timer);
        worker.off('message', answered).off('exit', died);
      });
      worker.postMessage(this.turnOf(files, task));
    });
    over.abort();
    if (came.kind !== 'answered') await this.end();
    return came;
  }

  /** Files that it has are not copied again: an agent looks more often than it writes. */
  private turnOf(files: Workspace, task: ToolTask): Turn {
    if (this.held === files.hash) return { task };
    this.held = files.hash;
    return { task, files: files.paths.map((path) => [path, files.file(path)?.text ?? '']) };
  }

  private begin(): Worker {
    this.held = null;
    const worker = new Worker(ENTRY, {
      name: 'fairmeter-tools',
      resourceLimits: { maxOldGenerationSizeMb: this.limits.megabytes },
      // What a person wrote is read in there: nothing of our environment is.
      env: {},
    });
    // That it ends is told to whoever waits for its answer; what it threw may quote the files.
    worker.on('error', () => undefined);
    // Whoever has nothing else to do may end while it waits for its next task.
    worker.unref();
    return worker;
  }

  private async end(): Promise<void> {
    const worker = this.worker;
    this.worker = null;
    this.held = null;
    await worker?.terminate();
  }
}
