// API room. Changes the API writes itself: in the tenant's own transaction, and once for each Idempotency-Key. A change
// without its line in the audit is not made: both are in that transaction.
import type { Instant } from '@fairmeter/domain';
import { instant } from '@fairmeter/domain';
import type { Clock } from '@fairmeter/platform';
import type { EntityManager } from '@fairmeter/platform/database';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { AuditEvent } from '@fairmeter/records';
import { findReply, saveReply, writeAudit } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import { actorOf, jobCallerOf, tenantOf } from '../callers/caller.js';
import { callerName, keyHash } from '../jobs/admission-hashes.js';
import { refusalProblem } from '../problems/refusal-problem.js';
import { API_CLOCK } from '../tokens.js';
import { againstTwins } from '../requests/against-twins.js';
import { hashOfAsked, plain } from './asked-hash.js';

/** A change under way: the tenant's transaction, when it was asked for, and by whom. */
export interface Changing {
  readonly tx: EntityManager;
  readonly now: Instant;
  readonly caller: Caller;
  readonly requestId: string;
}

export interface Asked {
  readonly caller: Caller;
  readonly requestId: string;
}

/** Under which name a change is made once, and what was asked under it. */
export interface Once {
  /** What is asked and of what: one key may be used for several things. */
  readonly place: string;
  readonly idempotencyKey: Uint8Array;
  /** As it was read: equal amounts that were written differently are equal. */
  readonly body: object;
}

export interface Made<T> {
  readonly answer: T;
  /** As it may be kept: without its secrets. */
  readonly kept: T;
}

@Injectable()
export class Changes {
  constructor(
    private readonly database: TenantDatabase,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  /** What comes to the same when it is made again. */
  async make<T>(asked: Asked, work: (changing: Changing) => Promise<T>): Promise<T> {
    return againstTwins(async () => {
      const now = instant(this.clock.now());
      return this.database.asTenant(tenantOf(asked.caller), async (tx) => work({ ...asked, tx, now }));
    });
  }

  /** What would be something new each time: the same key and body again get the answer of the first time. */
  async makeOnce<T extends object>(
    asked: Asked,
    once: Once,
    work: (changing: Changing) => Promise<Made<T>>,
  ): Promise<{ readonly answer: T; readonly replayed: boolean }> {
    const { accountId } = asked.caller;
    const name = `${once.place}/${callerName(jobCallerOf(asked.caller))}`;
    const key = keyHash({ accountId, botId: '' }, once.idempotencyKey, name);
    const bodyHash = hashOfAsked(once.body);
    return this.make(asked, async (changing) => {
      const known = await findReply(changing.tx, key);
      if (known !== null) {
        if (known.bodyHash !== bodyHash) throw refusalProblem({ code: 'idempotency_mismatch' }, 0);
        return { answer: known.answer as unknown as T, replayed: true };
      }
      const { answer, kept } = await work(changing);
      await saveReply(changing.tx, accountId, { keyHash: key, bodyHash, answer: plain(kept) });
      return { answer, replayed: false };
    });
  }
}

export type Line = Pick<AuditEvent, 'action' | 'targetId' | 'before' | 'after'>;

export async function note({ tx, caller, requestId }: Changing, line: Line): Promise<void> {
  await writeAudit(tx, { ...line, accountId: caller.accountId, actor: actorOf(caller), requestId });
}
