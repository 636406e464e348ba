// Test harness. Replays committed histories against the compiled workflows, as a worker would after a restart.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
import { readHistory, type History } from './histories.js';
import { WORKFLOW_BUNDLE } from './test-stack.js';

/** The compiled bundle, or the text of another one. */
export type Bundle = { readonly codePath: string } | { readonly code: string };

export interface Replayed {
  readonly name: string;
  /** What the workflows would do otherwise than the history says; null where they agree. */
  readonly difference: string | null;
}

export interface NamedHistory {
  readonly name: string;
  readonly history: History;
}

/** Every `*.json` below the folder. */
export function readHistories(folder: string): NamedHistory[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.json'))
    .sort()
    .map((path) => ({ name: path, history: readHistory(join(folder, path)) }));
}

export async function replay(
  histories: readonly NamedHistory[],
  bundle: Bundle = { codePath: WORKFLOW_BUNDLE },
): Promise<Replayed[]> {
  const replayed: Replayed[] = [];
  const results = Worker.runReplayHistories(
    { workflowBundle: bundle },
    histories.map(({ name, history }) => ({ workflowId: name, history })),
  );
  for await (const { workflowId, error } of results) {
    replayed.push({ name: workflowId, difference: error === undefined ? null : error.message });
  }
  return replayed;
}
