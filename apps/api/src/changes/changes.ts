// API room. Changes the API writes itself: in the tenant's own transaction, and once for each Idempotency-Key. A change
// without its line in the audit is not made: both are in that transaction. So are the questions whether the account's
// status allows it, and whether whoever asks is still who may.
import type { AccountAct, Instant } from '@fairmeter/domain';
import { instant } from '@fairmeter/domain';
import type { Clock } from '@fairmeter/platform';
import type { EntityManager, Tenant } from '@fairmeter/platform/database';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { AccountSettings, AuditEvent, StoredReply } from '@fairmeter/records';
import { findReply, lockAccount, saveReply, writeAudit } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import { actorOf, jobCallerOf, tenantOf } from '../callers/caller.js';
import { callerName, keyHash } from '../jobs/admission-hashes.js';
import { refusalProblem } from '../problems/refusal-problem.js';
import { API_CLOCK } from '../tokens.js';
import { againstTwins } from '../requests/against-twins.js';
import { admitAct, admitRole } from './account-gate.js';
import { hashOfAsked, plain } from './asked-hash.js';

/** A change under way: the tenant's transaction, when it was asked for, by whom, and the account it is made in. */
export interface Changing {
  readonly tx: EntityManager;
  readonly now: Instant;
  readonly caller: Caller;
  readonly requestId: string;
  readonly account: AccountSettings;
}

export interface Asked {
  readonly caller: Caller;
  readonly requestId: string;
  /** What of the account's life it belongs to; left out, it sets something up. */
  readonly act?: AccountAct;
  /** Of somebody who is in the account only once the change is made. */
  readonly isJoining?: true;
}

/** What a bot, a key or a person loses can be taken away whatever the account's status is. */
export function ending(asked: Asked): Asked {
  return { ...asked, act: 'end_work' };
}

/** Under which name a change is made once, and what was asked under it. */
export interface Once {
  /** What is asked and of what: one key may be used for several things. */
  readonly place: string;
  readonly idempotencyKey: Uint8Array;
  /** As it was read: equal amounts that were written differently are equal. */
  readonly body: object;
}

/** Under the name that whoever asks gives it; null where none is given. */
export type MaybeOnce = Omit<Once, 'idempotencyKey'> & { readonly idempotencyKey: Uint8Array | null };

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
    return this.inTenant(asked, async (begun) => work(await allowed(asked, begun)));
  }

  /** What would be something new each time: the same key and body again get the answer of the first time. */
  async makeOnce<T extends object>(
    asked: Asked,
    once: Once,
    work: (changing: Changing) => Promise<Made<T>>,
  ): Promise<{ readonly answer: T; readonly replayed: boolean }> {
    const { accountId } = asked.caller;
    const name = nameOf(asked.caller, once);
    return this.inTenant(asked, async (begun) => {
      const known = await toldBefore<T>(begun.tx, name);
      if (known !== null) return { answer: known, replayed: true };
      const { answer, kept } = await work(await allowed(asked, begun));
      await saveReply(begun.tx, accountId, { ...name, answer: plain(kept) });
      return { answer, replayed: false };
    });
  }

  /** As `makeOnce` for whoever names the change, as `make` for all others. */
  async makeOnceIfNamed<T extends object>(
    asked: Asked,
    { idempotencyKey, ...once }: MaybeOnce,
    work: (changing: Changing) => Promise<Made<T>>,
  ): Promise<T> {
    if (idempotencyKey === null) return this.make(asked, async (changing) => (await work(changing)).answer);
    return (await this.makeOnce(asked, { ...once, idempotencyKey }, work)).answer;
  }

  /**
   * As `makeOnce`, where a workflow makes the change: it is asked between two transactions, since it writes rows that
   * the first of them has looked at. `name` is what it knows the question by, should it be asked again.
   */
  async askOnce<T extends object>(
    { caller, tenant = tenantOf(caller), ...once }: Once & { readonly caller: Caller; readonly tenant?: Tenant },
    admit: (tx: EntityManager, now: Instant) => Promise<void>,
    ask: (name: string) => Promise<T>,
  ): Promise<T> {
    const name = nameOf(caller, once);
    const known = await againstTwins(async () =>
      this.database.asTenant(tenant, async (tx) => {
        const told = await toldBefore<T>(tx, name);
        if (told === null) await admit(tx, instant(this.clock.now()));
        return told;
      }),
    );
    if (known !== null) return known;
    const answer = await ask(`${name.keyHash}/${name.bodyHash}`);
    await againstTwins(async () =>
      this.database.asTenant(tenant, async (tx) => saveReply(tx, caller.accountId, { ...name, answer: plain(answer) })),
    );
    return answer;
  }

  private async inTenant<T>(asked: Asked, work: (begun: Begun) => Promise<T>): Promise<T> {
    const { caller, requestId } = asked;
    return againstTwins(async () => {
      const now = instant(this.clock.now());
      return this.database.asTenant(tenantOf(caller), async (tx) => work({ tx, now, caller, requestId }));
    });
  }
}

type Begun = Omit<Changing, 'account'>;

type NameOfAsked = Pick<StoredReply, 'keyHash' | 'bodyHash'>;

function nameOf(caller: Caller, { place, idempotencyKey, body }: Once): NameOfAsked {
  const name = `${place}/${callerName(jobCallerOf(caller))}`;
  return {
    keyHash: keyHash({ accountId: caller.accountId, botId: '' }, idempotencyKey, name),
    bodyHash: hashOfAsked(body),
  };
}

/** It was allowed when it was made, and is told as it was. */
async function toldBefore<T extends object>(tx: EntityManager, name: NameOfAsked): Promise<T | null> {
  const known = await findReply(tx, name.keyHash);
  if (known === null) return null;
  if (known.bodyHash !== name.bodyHash) throw refusalProblem({ code: 'idempotency_mismatch' }, 0);
  return known.answer as unknown as T;
}

async function allowed({ caller, act = 'set_up', isJoining }: Asked, begun: Begun): Promise<Changing> {
  const account = await lockAccount(begun.tx, caller.accountId);
  if (isJoining !== true) await admitRole(begun.tx, caller, begun.now);
  return { ...begun, account: admitAct(account, caller, act) };
}

export type Line = Pick<AuditEvent, 'action' | 'targetId' | 'before' | 'after'>;

export async function note({ tx, caller, requestId }: Omit<Begun, 'now'>, line: Line): Promise<void> {
  await writeAudit(tx, { ...line, accountId: caller.accountId, actor: actorOf(caller), requestId });
}
