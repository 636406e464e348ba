// Bench room, the stack. What is opened beside it wherever jobs are compared with bare workflows.
import { accountScope } from '@fairmeter/domain';
import { OUTBOX_CHANNEL } from '@fairmeter/ledger/reads';
import { join } from 'node:path';
import { BareSide } from '../bare/bare-side.js';
import type { ScenarioContext } from '../scenarios/scenario.js';
import { SettleWatch } from '../submit/settle-watch.js';
import { BENCH_SLOTS } from './worker-slots.js';
import type { BenchStack } from './bench-stack.js';

export interface ComparedSides {
  readonly bare: BareSide;
  readonly watch: SettleWatch;
}

export async function openCompared(
  { state, settings }: ScenarioContext,
  stack: BenchStack,
  bareWorker: { readonly workflowTasks?: number } = {},
): Promise<ComparedSides> {
  const scopes = stack.bots.map((bot) => accountScope(bot.accountId));
  const watch = await SettleWatch.open(stack.urls.writerUrl, OUTBOX_CHANNEL, [...new Set(scopes)]);
  const bare = await BareSide.open({
    supervisor: state.supervisor,
    temporalAddress: stack.temporal.address,
    retentionDays: settings.retentionDays,
    slots: BENCH_SLOTS,
    workflowTasks: bareWorker.workflowTasks,
    logFile: join(state.folder.logs, 'bare-worker.log'),
    cwd: settings.checkout,
    env: settings.env,
  });
  return { bare, watch };
}
