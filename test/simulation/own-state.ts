// Simulation. A state folder of a suite alone, for a Postgres that the suite may stop and kill.
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openState, resetState, silentReporter, stateFolder, type OpenState } from '@fairmeter/platform/embedded';

export async function withOwnState(work: (state: OpenState) => Promise<void>): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'fairmeter-simulation-'));
  // As root Postgres runs as another user, who has to pass through.
  chmodSync(root, 0o755);
  const folder = stateFolder(join(root, '.fairmeter'), 'test');
  const state = await openState(folder, { purpose: 'a simulation', report: silentReporter });
  try {
    await work(state);
  } finally {
    await state.supervisor.stopAll();
    state.close();
    await resetState(folder);
  }
}
