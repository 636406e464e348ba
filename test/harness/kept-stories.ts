// Test harness. A story that was played is replayed at once; asked to, its history is written where the committed ones
// are. Whoever changes the order of a workflow's commands finds out from them.
import { expect } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AI_JOB_WORKFLOW } from '@fairmeter/contracts';
import { PATCHES } from '../../libs/workflows/src/patches.js';
import { fetchHistory, readHistory, recordInto, scrubbedJson } from './histories.js';
import { replay } from './replay.js';
import type { TestStack } from './test-stack.js';

/** Once the workflow is over, or as far as an endless one has come. `runId`: an earlier one of its runs. */
export async function keepStory(stack: TestStack, name: string, story: StoryOf): Promise<void> {
  const { workflowId, runId, workflow = AI_JOB_WORKFLOW, isEndless = false } = story;
  if (!isEndless) await stack.temporal.client.workflow.getHandle(workflowId).result();
  const history = await fetchHistory(stack, workflowId, runId);
  expect(await replay([{ name, history }])).toEqual([{ name, difference: null }]);
  const folder = recordInto();
  if (folder === undefined) return;
  mkdirSync(join(folder, workflow), { recursive: true });
  const file = join(folder, workflow, `${PATCHES.length}-${name}.json`);
  writeFileSync(file, scrubbedJson(history));
  expect(await replay([{ name, history: readHistory(file) }])).toEqual([{ name, difference: null }]);
}

export interface StoryOf {
  readonly workflowId: string;
  readonly runId?: string;
  /** Its type; a job by default. */
  readonly workflow?: string;
  readonly isEndless?: boolean;
}
