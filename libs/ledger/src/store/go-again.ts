// Ledger room. Why a group is taken back before its commit to go again in another way.

/** No failure: the group is taken back to go again in another way. */
export class GoAgain extends Error {}

/** A refusal writes nothing: the group is taken back and goes again without the scopes that nothing came to. */
export class OpenedForNothing extends GoAgain {
  constructor(readonly scopeIds: readonly string[]) {
    super(`opened for nothing: ${scopeIds.join(', ')}`);
  }
}

/** A scope is opened behind the locks, never by a group that decides ahead. */
export class OpenFirst extends GoAgain {}
