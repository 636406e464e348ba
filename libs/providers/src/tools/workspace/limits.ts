// Providers room, tools. How large a workspace may grow: what passes a limit is an answer to the model, never a crash.

export interface WorkspaceLimits {
  readonly files: number;
  readonly fileBytes: number;
  readonly totalBytes: number;
  /** Characters of a whole path. */
  readonly pathLength: number;
  /** Folders and the file itself. */
  readonly depth: number;
}

export const WORKSPACE_LIMITS: WorkspaceLimits = {
  files: 2_000,
  fileBytes: 1_048_576,
  totalBytes: 16_777_216,
  pathLength: 200,
  depth: 16,
};
