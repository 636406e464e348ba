// Bench room, the ledger. What the store and its callers need of memory, in a process that does nothing else.
import { setTimeout as sleep } from 'node:timers/promises';
import { rounded } from '../measure/percentiles.js';
import type { BenchDatabase } from './bench-postgres.js';
import type { LedgerPlan } from './ledger-plan.js';
import { SecondWriterProcess } from './second-writer-process.js';

export interface Memory {
  /** The highest resident memory under load, minus that before the first call. */
  readonly growthMb: number;
  readonly beforeMb: number;
  readonly cycles: number;
}

export interface MemoryWish {
  readonly database: BenchDatabase;
  readonly account: string;
  readonly callers: number;
  readonly plan: LedgerPlan;
}

export async function measureMemory({ database, account, callers, plan }: MemoryWish): Promise<Memory> {
  const writer = await SecondWriterProcess.start({ database, account });
  writer.begin(callers);
  await sleep(2 * plan.windowMs);
  const { rssBeforeMb, rssPeakMb, cycles } = await writer.stop();
  return { growthMb: rssPeakMb - rssBeforeMb, beforeMb: rounded(rssBeforeMb, 1), cycles };
}
