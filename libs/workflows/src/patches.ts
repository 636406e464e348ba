// Workflows room. Every change of behaviour that running workflows may meet, with its date, reason and when it may go.
export interface Patch {
  readonly id: string;
  readonly since: string;
  readonly reason: string;
  readonly removableWhen: string;
}

/** What was written is packed before every ending but a cancel: also at a deadline, and when a provider gave up. */
export const PACK_BEFORE_ENDING = 'pack-before-ending';

export const PATCHES: readonly Patch[] = [
  {
    id: PACK_BEFORE_ENDING,
    since: '2026-11-21',
    reason: 'A job that its deadline or a failing provider ended gave nothing of its files as a ZIP.',
    removableWhen: 'no job is open that was admitted before it',
  },
];
