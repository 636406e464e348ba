// Embedded servers: how a process ends. Promises an end within the bound and never a signal to a recycled pid.
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, type ProcessIdentity } from './identity.js';

export interface EndingPolicy {
  readonly stopSignal: 'SIGTERM' | 'SIGINT';
  readonly stopWithinMs: number;
}

const pollEveryMs = 20;
/** A killed process that is still there after this long hangs in the kernel; nobody can do more. */
const killBoundMs = 5_000;

/** Asks the process to end, kills it and its group after the bound. Answers how it went. */
export async function endProcess(identity: ProcessIdentity, policy: EndingPolicy): Promise<'asked' | 'killed'> {
  sendSignal(identity.pid, policy.stopSignal);
  if (await goneWithin(identity, policy.stopWithinMs)) return 'asked';
  if (isAlive(identity)) {
    killGroup(identity.pid);
    sendSignal(identity.pid, 'SIGKILL');
  }
  await goneWithin(identity, killBoundMs);
  return 'killed';
}

/** Every child is started as leader of its own group, so its pid is also the group's. */
export function killGroup(leaderPid: number): void {
  sendSignal(-leaderPid, 'SIGKILL');
}

export async function goneWithin(identity: ProcessIdentity, boundMs: number): Promise<boolean> {
  const deadline = performance.now() + boundMs;
  while (isAlive(identity)) {
    if (performance.now() > deadline) return false;
    await sleep(pollEveryMs);
  }
  return true;
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Already gone, which is what was wanted.
  }
}
