// Bench room, measuring. What the operating system knows of our processes: resident memory and processor time. Linux
// tells it under /proc; elsewhere processor time is left out.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** As Linux counts processor time for user programs, on every architecture. */
const TICKS_PER_SECOND = 100;

export function residentMb(pid: number): number {
  const status = `/proc/${pid}/status`;
  const kilobytes = existsSync(status)
    ? /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(status, 'utf8'))?.[1]
    : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  if (kilobytes === undefined) throw new Error(`the memory of process ${pid} cannot be read`);
  return Number(kilobytes) / 1024;
}

/** Processor milliseconds since its start; `withChildren` for a server that is a family of processes. */
export function processorMs(pid: number, withChildren: boolean): number | undefined {
  const processes = readProcesses();
  const own = processes?.get(pid);
  if (processes === undefined || own === undefined) return undefined;
  let ticks = own.ticks;
  if (withChildren) {
    ticks += own.childTicks;
    for (const child of processes.values()) if (child.parent === pid) ticks += child.ticks;
  }
  return (ticks * 1000) / TICKS_PER_SECOND;
}

/** Of processes by their names; what the system does not tell is left out. */
export function processorMsByName(pids: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries(
    [...pids].flatMap(([name, pid]): [string, number][] => {
      const ms = processorMs(pid, name === 'Postgres');
      return ms === undefined ? [] : [[name, ms]];
    }),
  );
}

interface ProcessTimes {
  readonly parent: number;
  readonly ticks: number;
  readonly childTicks: number;
}

function readProcesses(): ReadonlyMap<number, ProcessTimes> | undefined {
  if (!existsSync('/proc/self/stat')) return undefined;
  const found = new Map<number, ProcessTimes>();
  for (const name of readdirSync('/proc')) {
    const times = /^\d+$/.test(name) ? readTimes(name) : undefined;
    if (times !== undefined) found.set(Number(name), times);
  }
  return found;
}

function readTimes(pid: string): ProcessTimes | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name may hold anything, so fields are counted after its last bracket: state, parent, ...
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const at = (index: number): number => fields[index] ?? 0;
    return { parent: at(1), ticks: at(11) + at(12), childTicks: at(13) + at(14) };
  } catch {
    // It ended between being listed and being read.
    return undefined;
  }
}
