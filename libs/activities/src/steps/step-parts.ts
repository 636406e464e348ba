// Activities room. What the work of a step is made with.
import type { EntityDatabase } from '@fairmeter/platform/database';
import type { ModelPort } from '@fairmeter/providers';
import type { ToolPort } from '@fairmeter/providers/tools';
import type { JobMemory } from '../jobs/job-memory.js';
import type { TokenShelf } from './token-shelf.js';
import type { WorkspaceShelf } from '../workspaces/workspace-shelf.js';

export interface StepParts {
  readonly entities: EntityDatabase;
  readonly models: ModelPort;
  readonly tools: ToolPort;
  readonly memory: JobMemory;
  readonly tokens: TokenShelf;
  readonly shelf: WorkspaceShelf;
}

/** What was produced is written down also when the job was cancelled meanwhile. */
export const NEVER_ABORTED: AbortSignal = new AbortController().signal;
