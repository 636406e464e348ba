// Command line: the screen. Promises one line that renews itself where a person watches, and whole lines now and then
// where the output goes to a file or a pipe.
import type { Reporter } from '@fairmeter/platform/embedded';

export interface Terminal extends Reporter {
  readonly isTty: boolean;
  readonly columns: number;
  /** Shows a line that the next status replaces; without a terminal it shows nothing. */
  status(text: string): void;
}

export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const progressEveryMs = 10_000;

export function createTerminal(output: Output, now: () => number = () => performance.now()): Terminal {
  const isTty = output.isTTY === true;
  let statusShown = false;
  let lastProgress = -Infinity;
  const clear = (): void => {
    if (statusShown) output.write('\r\u001b[2K');
    statusShown = false;
  };
  const status = (text: string): void => {
    if (!isTty) return;
    clear();
    // A line that wraps cannot be replaced.
    output.write(text.slice(0, (output.columns ?? 80) - 1));
    statusShown = true;
  };
  return {
    isTty,
    columns: output.columns ?? 80,
    status,
    line: (text) => {
      clear();
      output.write(`${text}\n`);
    },
    progress: (text) => {
      if (isTty) {
        status(text);
      } else if (now() - lastProgress >= progressEveryMs) {
        lastProgress = now();
        output.write(`${text}\n`);
      }
    },
  };
}
