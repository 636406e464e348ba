// Ledger room. The only way money moves: lock the scope, load, decide by a pure rule, write everything in one
// transaction. A repeated key gets the stored answer; another body under it is refused (`operation.applied-once`).
import type { JobPosting } from '@fairmeter/domain';
import { accept, instantToText, notEnough, refuse, ZERO } from '@fairmeter/domain';
import type { Transaction, WriterDatabase } from '@fairmeter/platform/database';
import type { LockedScope } from './ground.js';
import { loadGround, lockScope, openScope } from './ground.js';
import { hashBody } from './hash.js';
import type { Ground, Post, PostOutcome } from './post.js';
import type { Owned, OperationWritten } from './tables.js';
import type { Written } from './write.js';
import { writeAll } from './write.js';

export class LedgerStore {
  constructor(private readonly database: WriterDatabase) {}

  /**
   * Applies the post once, or answers what it answered before. A refusal writes nothing. Throws only when the world
   * failed: the caller asks again with the same key, which is safe also after an end that nobody saw.
   */
  async post<R extends object>(post: Post<R>): Promise<PostOutcome<R>> {
    return this.database.transaction((tx) => this.postIn(tx, post));
  }

  private async postIn<R extends object>(tx: Transaction, post: Post<R>): Promise<PostOutcome<R>> {
    const scope = await this.lock(tx, post);
    // A scope that was never granted anything has nothing to hold.
    if (scope === undefined) return refuse(notEnough(ZERO, ZERO));
    const { ground, known } = await loadGround(tx, scope, post);
    const bodyHash = hashBody(post.body);
    if (known !== null) {
      return known.bodyHash === bodyHash
        ? accept({ result: known.result as R, replayed: true })
        : refuse({ code: 'operation_mismatch', operationKey: post.key });
    }
    const decided = post.decide(ground);
    if (!decided.ok) return decided;
    await writeAll(tx, rowsOf({ post, bodyHash, scope, ground, posting: decided.value }));
    return accept({ result: decided.value.result, replayed: false });
  }

  private async lock(tx: Transaction, post: Post<object>): Promise<LockedScope | undefined> {
    const found = await lockScope(tx, post.scopeId);
    if (found !== undefined || post.load.openScope !== true) return found;
    await openScope(tx, post.scopeId, post.accountId);
    return lockScope(tx, post.scopeId);
  }
}

interface Decided {
  readonly post: Post<object>;
  readonly bodyHash: string;
  readonly scope: LockedScope;
  readonly ground: Ground;
  readonly posting: JobPosting<object>;
}

function rowsOf({ post, bodyHash, scope, ground, posting }: Decided): Written {
  const at = instantToText(ground.at);
  const own = <T>(row: T, seq = 0n): Owned<T> => ({
    row,
    scopeId: post.scopeId,
    accountId: post.accountId,
    at,
    seq,
    operationKey: post.key,
  });
  const { changes } = posting;
  const operation: OperationWritten = { key: post.key, verb: post.verb, bodyHash, result: posting.result };
  return {
    scopes: [
      {
        scopeId: post.scopeId,
        entrySeq: scope.entrySeq + BigInt(changes.entries.length),
        outboxSeq: scope.outboxSeq + BigInt(posting.events.length),
        lastEffectiveAt: ground.at,
      },
    ],
    operations: [own(operation)],
    lots: changes.lots.map((lot) => own(lot)),
    holds: changes.holds.map((hold) => own(hold)),
    holdLines: changes.holds.flatMap((hold) => hold.lines.map((line) => own({ holdId: hold.id, line }))),
    entries: changes.entries.map((entry, index) => own(entry, scope.entrySeq + BigInt(index) + 1n)),
    jobs: posting.job === null ? [] : [own(posting.job)],
    steps: posting.steps.map((step) => own(step)),
    attempts: posting.attempts.map((attempt) => own(attempt)),
    events: posting.events.map((event, index) => own(event, scope.outboxSeq + BigInt(index) + 1n)),
  };
}
