// Providers room, tools. What a check says of a workspace: green or red by the project's own doing, and apart from
// both whether our tool failed, which is never the project's fault.

export interface Problem {
  readonly path: string;
  /** From 1; 0 where the problem is of the whole file. */
  readonly line: number;
  /** From 1; 0 likewise. */
  readonly column: number;
  readonly rule: string;
  readonly message: string;
}

/** `tool_crashed` is the platform's fault whatever the input was; a time limit that fired proves nothing by itself. */
export type CheckFault = 'tool_crashed' | 'timed_out';

export interface CheckReport {
  readonly green: boolean;
  /** By path, line, column; the first ones only, `counts.errors` has them all. */
  readonly problems: readonly Problem[];
  readonly counts: { readonly errors: number; readonly files: number };
  readonly bytesChecked: number;
  readonly fault: CheckFault | null;
}

export interface BuiltFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface BuildReport {
  readonly green: boolean;
  /** The file the build began at; null where the workspace has nothing to build from. */
  readonly entry: string | null;
  readonly outputs: readonly BuiltFile[];
  readonly outputBytes: number;
  readonly problems: readonly Problem[];
  readonly counts: { readonly errors: number };
  readonly fault: CheckFault | null;
}
