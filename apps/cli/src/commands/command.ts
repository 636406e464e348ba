// Command line: what every command is given, so that none reaches for the process by itself.
import type { SignalSource } from '../stack/interruption.js';
import type { DatabaseCommands } from '../stack/database-port.js';
import type { Settings } from '../settings.js';
import type { Terminal } from '../terminal/terminal.js';

export interface CommandContext {
  readonly settings: Settings;
  readonly terminal: Terminal;
  readonly signals: SignalSource;
  readonly database: DatabaseCommands;
  readonly args: readonly string[];
  readonly exitNow: (code: number) => void;
}

/** Answers the exit code. */
export type Command = (context: CommandContext) => Promise<number>;

export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** Knows the flags of a command; anything else is a mistake worth saying. */
export function readFlags<Flag extends string>(args: readonly string[], known: readonly Flag[]): ReadonlySet<Flag> {
  const flags = new Set<Flag>();
  for (const arg of args) {
    const flag = known.find((one) => `--${one}` === arg);
    if (flag === undefined) {
      const list = known.length === 0 ? 'none' : known.map((one) => `--${one}`).join(', ');
      throw new UsageError(`unknown argument "${arg}"; known: ${list}`);
    }
    flags.add(flag);
  }
  return flags;
}
