// Ledger room. How a decided group is sent: made ready in turns, then sent at once with what must go before it.
import type { Statement, Transaction } from '@fairmeter/platform/database';
import type { Left } from './following.js';
import type { Group } from './group.js';
import type { Remains } from './scope-memory.js';
import { writeStatement, type Written } from './write.js';

export type Leave = (left: Left | undefined) => void;

/** A transaction, and how it tells what it leaves when its writes are sent. */
export interface Writing {
  readonly tx: Transaction;
  readonly leave: (left: Left, remains: Remains) => void;
}

interface Prepared {
  readonly decided: Group;
  readonly written: Written;
  readonly statement: Statement;
}

/** All that takes time is done here: what is sent afterwards leaves in one turn with what must go before it. */
export async function prepared(decided: Group): Promise<Prepared | undefined> {
  if (!decided.hasWritten) return undefined;
  const written = decided.written();
  return { decided, written, statement: await writeStatement(written) };
}

/** The last thing a group does: its commit travels with it. */
export async function send(
  { tx, leave }: Writing,
  by: Pick<Left, 'self' | 'opened'>,
  ready: Prepared | undefined,
): Promise<void> {
  if (ready === undefined) return;
  const { decided, written, statement } = ready;
  const sent = tx.queryLast(statement);
  const { self } = by;
  leave(decided.left(written, by), { self, written, scopes: decided.remains(), born: decided.born });
  await sent;
}
