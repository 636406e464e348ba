// Providers room, tools. The ZIP of a workspace as it is stored and downloaded.

export interface Artefact {
  readonly bytes: Uint8Array;
  /** Entries of the ZIP, NOTICE and file tree included. */
  readonly files: number;
  readonly size: number;
  readonly sha256: string;
  /** In the order of the ZIP. */
  readonly names: readonly string[];
}

export interface ArtefactInfo {
  readonly jobId: string;
  readonly botName?: string;
  /** Adds a listing of the files, as the extra of that name asks. */
  readonly fileTree: boolean;
}
