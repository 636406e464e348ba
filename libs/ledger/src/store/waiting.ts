// Ledger room. Posts that wait for their answers, and what a group asks of them together.
import type { Group } from './group.js';
import type { Post, PostOutcome } from './post.js';
import type { LockedScope } from './scope-rows.js';
import { Turns } from './turns.js';

export interface Waiting {
  readonly post: Post<object>;
  readonly answer: (outcome: PostOutcome<object>) => void;
  readonly fail: (error: unknown) => void;
}

/** Gives an answer that was decided, once it may be given. */
export type Settled = () => void;

export function hasToOpen(group: readonly Waiting[], found: readonly LockedScope[]): boolean {
  const known = new Set(found.map((scope) => scope.scopeId));
  return group.some(({ post }) => post.load.openScope === true && !known.has(post.scopeId));
}

export function postsOf(group: readonly Waiting[]): Post<object>[] {
  return group.map(({ post }) => post);
}

export function decideOne(group: Group, waiting: Waiting): Settled {
  try {
    const outcome = group.decide(waiting.post);
    return () => {
      waiting.answer(outcome);
    };
  } catch (error) {
    return () => {
      waiting.fail(error);
    };
  }
}

/** What a caller does with its answer, its next post for one, is done in the turn of that answer. */
export async function answerAll(settled: readonly Settled[]): Promise<void> {
  const turns = new Turns();
  for (const settle of settled) {
    settle();
    // What its caller did then, its next post for one, counts as well.
    await Promise.resolve();
    if (turns.isOver) await turns.giveWay();
  }
}
