// Test harness. A workflow for tests alone, and its bundle's entry: months of waiting, with work after each.
import { proxyActivities, sleep } from '@temporalio/workflow';

export interface MonthlyActivities {
  note(asOf: number): Promise<void>;
}

const { note } = proxyActivities<MonthlyActivities>({ startToCloseTimeout: 10_000 });

export const MONTH_MS = 30 * 86_400_000;

/** The instant comes from the workflow: nobody else knows what time it is for it. */
export async function monthly(months: number): Promise<void> {
  for (let month = 0; month < months; month += 1) {
    await sleep(MONTH_MS);
    await note(Date.now());
  }
}
