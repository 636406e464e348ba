// Embedded servers: the list of running children on disk. Promises that a starter killed without warning leaves enough
// behind for the next start to find its children, and only them.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { endProcess, goneWithin } from './ending.js';
import { isAlive, parseIdentity, type ProcessIdentity } from './identity.js';

export interface ProcessRecord extends ProcessIdentity {
  readonly name: string;
  readonly stopSignal: 'SIGTERM' | 'SIGINT';
}

/** Left-overs get less patience than in an orderly stop: nobody is waiting for their answers any more. */
const leftoverBoundMs = 10_000;

export class ProcessRecords {
  constructor(private readonly path: string) {}

  all(): readonly ProcessRecord[] {
    try {
      const parsed: unknown = JSON.parse(readFileSync(this.path, 'utf8'));
      return Array.isArray(parsed) ? parsed.flatMap(parseRecord) : [];
    } catch {
      return [];
    }
  }

  add(record: ProcessRecord): void {
    this.write([...this.all(), record]);
  }

  remove(identity: ProcessIdentity): void {
    this.write(this.all().filter((one) => one.pid !== identity.pid || one.born !== identity.born));
  }

  /** Ends what a killed run left behind, newest first so that servers outlive their clients. Names what was ended. */
  async endLeftovers(): Promise<readonly string[]> {
    const ended: string[] = [];
    for (const record of [...this.all()].reverse()) {
      if (isAlive(record)) {
        await endProcess(record, { stopSignal: record.stopSignal, stopWithinMs: leftoverBoundMs });
        await goneWithin(record, 1_000);
        ended.push(`${record.name} (process ${record.pid})`);
      }
      this.remove(record);
    }
    return ended;
  }

  private write(records: readonly ProcessRecord[]): void {
    if (records.length === 0) {
      rmSync(this.path, { force: true });
      return;
    }
    mkdirSync(dirname(this.path), { recursive: true });
    const draft = `${this.path}.${process.pid}.tmp`;
    writeFileSync(draft, JSON.stringify(records, null, 2), { mode: 0o600 });
    renameSync(draft, this.path);
  }
}

function parseRecord(value: unknown): readonly ProcessRecord[] {
  const identity = parseIdentity(value);
  if (identity === undefined) return [];
  const { name, stopSignal } = value as { name?: unknown; stopSignal?: unknown };
  return [
    {
      ...identity,
      name: typeof name === 'string' ? name : 'a process',
      stopSignal: stopSignal === 'SIGINT' ? 'SIGINT' : 'SIGTERM',
    },
  ];
}
