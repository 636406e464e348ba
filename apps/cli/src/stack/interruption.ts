// Command line: Ctrl-C and SIGTERM. Promises that the first one begins an orderly end, and that only a second one from
// a person forces it.

export class InterruptedError extends Error {
  constructor(readonly signal: NodeJS.Signals) {
    super(`stopped by ${signal}`);
    this.name = 'InterruptedError';
  }
}

export interface Interruption {
  /** Rejects with InterruptedError at the first signal, never resolves. */
  readonly whenAsked: Promise<never>;
  readonly asked: () => boolean;
  dispose(): void;
}

export interface SignalSource {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** npm passes a Ctrl-C on that the terminal has already delivered: two signals of one key press come close together. */
const sameKeyPressMs = 1_000;

export function listenForInterruption(
  source: SignalSource,
  force: () => void,
  now: () => number = () => performance.now(),
): Interruption {
  let firstAt: number | undefined;
  let reject: (error: Error) => void = () => undefined;
  const whenAsked = new Promise<never>((_resolve, fail) => {
    reject = fail;
  });
  // Nobody may be waiting at the moment of the signal; that is no fault.
  whenAsked.catch(() => undefined);
  const onSignal = (signal: NodeJS.Signals): void => {
    if (firstAt === undefined) {
      firstAt = now();
      reject(new InterruptedError(signal));
    } else if (now() - firstAt > sameKeyPressMs) {
      force();
    }
  };
  for (const signal of signals) source.on(signal, onSignal);
  return {
    whenAsked,
    asked: () => firstAt !== undefined,
    dispose: () => {
      for (const signal of signals) source.off(signal, onSignal);
    },
  };
}
