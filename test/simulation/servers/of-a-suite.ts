// Simulation. A Postgres of a suite alone, in a state folder of its own: the suite may stop and kill it.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openState, resetState, silentReporter, stateFolder } from '@fairmeter/platform/embedded';
import { OwnPostgres } from './own-postgres.js';

export async function withOwnPostgres(work: (postgres: OwnPostgres) => Promise<void>): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'fairmeter-simulation-'));
  // As root Postgres runs as another user, who has to pass through.
  chmodSync(root, 0o755);
  const folder = stateFolder(join(root, '.fairmeter'), 'test');
  const state = await openState(folder, { purpose: 'a simulation', report: silentReporter });
  try {
    await work(await OwnPostgres.start(state));
  } finally {
    await state.supervisor.stopAll();
    state.close();
    await resetState(folder);
    rmSync(root, { recursive: true, force: true });
  }
}
