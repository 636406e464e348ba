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

/** Somebody who is forgotten pays for no further period. */
export const END_PLAN_WITH_VISITOR = 'end-plan-with-visitor';

/** Nothing that is told to a run that was lost may be lost with it. */
export const SEEK_LOST_SUBSCRIPTION = 'seek-lost-subscription';

/** What a decision comes to is found in all steps of a thread: that may take longer than a short step has. */
export const DECIDE_AT_LENGTH = 'decide-at-length';

/** Whoever asks for the analysis of a long thread does not wait for its end: its case says that it is under way. */
export const ANALYSE_UNDER_WAY = 'analyse-under-way';

/** One analysis is enough for all who ask for it while it is under way. */
export const JOIN_ANALYSIS = 'join-analysis';

/** Also one that was begun since it was asked for: the one before it may have failed. */
export const JOIN_LATER_ANALYSIS = 'join-later-analysis';

/** A wish that a run before this one has done is answered by what stands. */
export const WISH_DONE_BEFORE = 'wish-done-before';

/** A bot's step is known by the name that its bot gave it, and what was not told of it is nothing that it did. */
export const KNOWN_AS_TOLD = 'known-as-told';

/** Whether the last iteration that a job may have was idle is asked like that of any other. */
export const ASK_LAST_ITERATION = 'ask-last-iteration';

export const PATCHES: readonly Patch[] = [
  {
    id: PACK_BEFORE_ENDING,
    since: '2026-11-21',
    reason: 'A job that its deadline or a failing provider ended gave nothing of its files as a ZIP.',
    removableWhen: 'no job is open that was admitted before it',
  },
  {
    id: END_PLAN_WITH_VISITOR,
    since: '2026-11-22',
    reason: 'A visitor was deleted and the plan of that visitor went on renewing.',
    removableWhen: 'no deletion is under way that began before it',
  },
  {
    id: SEEK_LOST_SUBSCRIPTION,
    since: '2026-11-22',
    reason: 'News of a payment found no run of its subscription, and whoever began that anew did not ask for it.',
    removableWhen: 'no news of a payment is being told, and no subscription is in the run, that began before it',
  },
  {
    id: DECIDE_AT_LENGTH,
    since: '2026-11-22',
    reason: 'A decision over a thread of very many steps ran into its time limit each time that it was tried.',
    removableWhen: 'no review is in the run in which it was decided before it',
  },
  {
    id: ANALYSE_UNDER_WAY,
    since: '2026-11-22',
    reason: 'An analysis that took longer than the API waits was shown nowhere until its end.',
    removableWhen: 'no review is in the run in which it was analysed before it',
  },
  {
    id: JOIN_ANALYSIS,
    since: '2026-11-22',
    reason: 'Whoever asked for an analysis while a long one was under way had all of it done once more behind it.',
    removableWhen: 'no review is in the run in which it was analysed before it',
  },
  {
    id: JOIN_LATER_ANALYSIS,
    since: '2026-11-22',
    reason: 'Of three who asked for an analysis at once the third had one of its own where the first one failed.',
    removableWhen: 'no review is in the run in which it was analysed before it',
  },
  {
    id: WISH_DONE_BEFORE,
    since: '2026-11-22',
    reason: 'A wish that was repeated by its name after its run had gone on was done a second time.',
    removableWhen: 'no run of a subscription is open that an older worker took up',
  },
  {
    id: KNOWN_AS_TOLD,
    since: '2026-11-23',
    reason: 'All checks of a reported job were one check, and white space made two results of one.',
    removableWhen: 'no reported job is open that was admitted before it',
  },
  {
    id: ASK_LAST_ITERATION,
    since: '2026-11-23',
    reason: 'Idle iterations up to the limit of a job were no loop, and what was ours of them did not go back.',
    removableWhen: 'no job is open that was admitted before it',
  },
];
