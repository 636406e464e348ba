// Embedded servers: one child process. Promises a process group of its own (a Ctrl-C in the terminal reaches only the
// starter), a log file, a record that survives the starter's death, and an end within a stated time.
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { identify } from './identity.js';
import type { ProcessRecords } from './records.js';
import { endProcess, killGroup } from './ending.js';

export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logFile: string;
  /** SIGTERM for programs that drain, SIGINT for Postgres (its fast shutdown). */
  readonly stopSignal: 'SIGTERM' | 'SIGINT';
  /** After this time without an end the process is killed. */
  readonly stopWithinMs: number;
  /** Where standard error goes; a test run's belongs on the screen. */
  readonly standardError?: 'log' | 'screen';
  readonly runAs?: { readonly uid: number; readonly gid: number };
}

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** True when stop() asked for it. */
  readonly asked: boolean;
}

export interface ManagedProcess {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  readonly ended: Promise<ProcessEnd>;
  hasEnded(): boolean;
  stop(): Promise<void>;
  kill(): void;
}

export async function startProcess(spec: ProcessSpec, records: ProcessRecords): Promise<ManagedProcess> {
  const child = spawnLogged(spec);
  const pid = child.pid;
  if (pid === undefined) throw await spawnFailure(child, spec);
  const identity = identify(pid);
  if (identity !== undefined) records.add({ ...identity, name: spec.name, stopSignal: spec.stopSignal });
  const life = { over: false, asked: false };
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('exit', (code, signal) => {
      life.over = true;
      // Whatever the process itself left behind in its group goes with it.
      killGroup(pid);
      if (identity !== undefined) records.remove(identity);
      resolve({ code, signal, asked: life.asked });
    });
  });
  return {
    name: spec.name,
    pid,
    logFile: spec.logFile,
    ended,
    hasEnded: () => life.over,
    stop: async () => {
      life.asked = true;
      if (life.over) return;
      if (identity !== undefined) await endProcess(identity, spec);
      await ended;
    },
    kill: () => {
      life.asked = true;
      if (!life.over) killGroup(pid);
    },
  };
}

/** The last lines of a log file, for the message that says why a server died. */
export function logTail(logFile: string, lines = 15): string {
  if (!existsSync(logFile)) return '(no log was written)';
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
}

function spawnLogged(spec: ProcessSpec): ChildProcess {
  mkdirSync(dirname(spec.logFile), { recursive: true });
  // One earlier log is kept: it is the one a person wants after a crash and a restart.
  if (existsSync(spec.logFile)) renameSync(spec.logFile, `${spec.logFile}.previous`);
  const log = openSync(spec.logFile, 'a', 0o600);
  try {
    return spawn(spec.command, spec.args, {
      cwd: spec.cwd,
      env: spec.env,
      detached: true,
      stdio: ['ignore', log, spec.standardError === 'screen' ? 'inherit' : log],
      ...spec.runAs,
    });
  } finally {
    closeSync(log);
  }
}

function spawnFailure(child: ChildProcess, spec: ProcessSpec): Promise<Error> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(new Error(`cannot start ${spec.name}: ${error.message}`)));
  });
}
