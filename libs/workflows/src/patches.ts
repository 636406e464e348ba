// Workflows room. Every change of behaviour that running workflows may meet, with its date, reason and when it may go.
export interface Patch {
  readonly id: string;
  readonly since: string;
  readonly reason: string;
  readonly removableWhen: string;
}

/** Empty until the first change: histories of earlier releases replay as they are. */
export const PATCHES: readonly Patch[] = [];
