// Command line: the frame around every command that starts something. Promises that whatever way the work ends, all
// that was started ends too, in order, and the profile is free again.
import { openState, StoppingError, type OpenState, type StateFolder } from '@fairmeter/platform/embedded';
import type { Terminal } from '../terminal/terminal.js';
import { InterruptedError, listenForInterruption, type SignalSource } from './interruption.js';

export interface FrameOptions {
  readonly folder: StateFolder;
  readonly purpose: string;
  readonly terminal: Terminal;
  readonly signals: SignalSource;
  readonly fresh?: boolean;
  /** Ends this process at once, after everything was killed. */
  readonly exitNow: (code: number) => void;
}

export class ServerDiedError extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'ServerDiedError';
  }
}

/** `asked` never resolves; it rejects when a signal came or a server died, so that work may wait on it for ever. */
export async function withState<T>(
  options: FrameOptions,
  work: (state: OpenState, asked: Promise<never>) => Promise<T>,
): Promise<T> {
  const { terminal } = options;
  const live: { state?: OpenState } = {};
  const interruption = listenForInterruption(options.signals, () => {
    terminal.line('forced: killing everything that is left');
    live.state?.supervisor.killAll();
    live.state?.close();
    options.exitNow(130);
  });
  try {
    const state = await openState(options.folder, {
      purpose: options.purpose,
      report: terminal,
      ...(options.fresh === undefined ? {} : { fresh: options.fresh }),
    });
    live.state = state;
    const died = new Promise<never>((_resolve, reject) => {
      state.supervisor.onUnexpectedEnd((what) => reject(new ServerDiedError(what)));
    });
    const asked = Promise.race([interruption.whenAsked, died]);
    asked.catch(() => undefined);
    try {
      return await Promise.race([work(state, asked), asked]);
    } catch (error) {
      if (error instanceof InterruptedError) terminal.line(`\n${error.signal}: stopping (once more forces it)`);
      // A child that died because we were stopping is not the news; the signal is.
      if (error instanceof StoppingError) return await asked;
      throw error;
    } finally {
      await state.supervisor.stopAll((name) => terminal.progress(`stopping ${name}`));
      state.close();
      terminal.line('everything is stopped');
    }
  } finally {
    interruption.dispose();
  }
}
