// Workflows room. Every change of behaviour that running workflows may meet, with its date, reason and when it may go.
// The loop detector runs inside workflows: another verdict is another order of commands, and belongs here as well.
export interface Patch {
  readonly id: string;
  readonly since: string;
  readonly reason: string;
  readonly removableWhen: string;
}

/** What was written is packed before every ending but a cancel or a fault of ours: also at a deadline, for example. */
export const PACK_BEFORE_ENDING = 'pack-before-ending';

export const PATCHES: readonly Patch[] = [
  {
    id: PACK_BEFORE_ENDING,
    since: '2026-11-21',
    reason: 'A job that its deadline or a failing provider ended gave nothing of its files as a ZIP.',
    removableWhen: 'no job is open that was admitted before it',
  },
];
