// Bench room, the stack. Everything that decides the figures, in words: a figure without its settings says nothing.
import { dynamicSettingsInForce, STICKY_NOTE } from './temporal-facts.js';
import type { BenchStack } from './bench-stack.js';
import { machineLine } from './machine.js';
import { postgresSettings } from './postgres-settings.js';
import { BENCH_SLOTS } from './worker-slots.js';
import { WORKER_TUNING } from '../../apps/worker/src/worker-host.js';

export async function describeSettings(
  stack: BenchStack,
  load: { readonly inFlight: number; readonly accounts: number; readonly bareWorkflowTasks?: number },
): Promise<readonly string[]> {
  const postgres = await postgresSettings(stack.postgres.adminUrl);
  const { pollers, maxConcurrentWorkflowTaskExecutions: workflowTasks } = WORKER_TUNING;
  const bareTasks = load.bareWorkflowTasks === undefined ? '' : ` (the bare one ${load.bareWorkflowTasks})`;
  return [
    machineLine(),
    `load       ${load.inFlight} in flight for rates, 1 for latency; ${load.accounts} accounts with a bot each`,
    `Temporal   ${stack.temporal.source}; ${stack.temporal.historyShards ?? 'unknown'} history shards; ` +
      dynamicSettingsInForce(stack.temporal.kind),
    `workers    both: pollers ${pollers.type} ${pollers.minimum} to ${pollers.maximum} from ${pollers.initial}, ` +
      `${workflowTasks} workflow tasks${bareTasks}, ${BENCH_SLOTS.jobSlots} local activities, ` +
      `${BENCH_SLOTS.stepSlots} activities; ${STICKY_NOTE}`,
    `Postgres   ${Object.entries(postgres)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')}`,
  ];
}
