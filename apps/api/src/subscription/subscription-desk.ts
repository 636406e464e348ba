// API room. An account's subscription in the hands of its owner: shown, previewed, changed. What changes it is its
// workflow's to decide and to write down, with who asked for it.
import type { SubscriptionAsker, SubscriptionInput, SubscriptionTold, UpdateDefinition } from '@fairmeter/contracts';
import { cancelPlanUpdate, changePlanUpdate, undoPlanUpdate } from '@fairmeter/contracts';
import type { Instant } from '@fairmeter/domain';
import type { PreviewedChange } from '@fairmeter/domain/subscriptions';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { AccountSettings } from '@fairmeter/records';
import { readAccount } from '@fairmeter/records';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import { actorOf, tenantOf } from '../callers/caller.js';
import { admitAct, admitRole } from '../changes/account-gate.js';
import type { Asked } from '../changes/changes.js';
import { Changes } from '../changes/changes.js';
import { ProblemError } from '../problems/problem-error.js';
import type { ChangePreviewBody, SubscriptionBody } from './subscription-body.js';
import { toChangePreview, toSubscriptionBody } from './subscription-body.js';
import { SubscriptionCalls } from './subscription-calls.js';
import { inputOf, SubscriptionOpenings } from './subscription-openings.js';
import type { Standing } from './subscription-reader.js';
import { SubscriptionReader } from './subscription-reader.js';

export interface AskedOnce extends Asked {
  readonly idempotencyKey: Uint8Array;
}

export interface Present {
  readonly standing: Standing;
  /** What its workflow begins with, should it not run. */
  readonly input: SubscriptionInput;
}

export interface ChangeWish {
  readonly planId: string;
  readonly previewedPeriod: Instant | null;
}

@Injectable()
export class SubscriptionDesk {
  constructor(
    private readonly database: TenantDatabase,
    private readonly changes: Changes,
    private readonly reader: SubscriptionReader,
    private readonly calls: SubscriptionCalls,
    private readonly openings: SubscriptionOpenings,
  ) {}

  async subscription(caller: Caller): Promise<SubscriptionBody> {
    return toSubscriptionBody((await this.present(caller)).standing);
  }

  async preview(caller: Caller, event: PreviewedChange): Promise<ChangePreviewBody> {
    const { standing } = await this.present(caller);
    return this.database.asTenant(tenantOf(caller), async (tx) =>
      toChangePreview(standing, await this.reader.preview(tx, standing, event)),
    );
  }

  async change(asked: AskedOnce, { planId, previewedPeriod }: ChangeWish): Promise<SubscriptionBody> {
    return this.ask(
      asked,
      { place: 'subscription/change', said: { planId, previewedPeriod } },
      async ({ put, asker }) => put(changePlanUpdate, { planId, previewedPeriod, ...asker }),
    );
  }

  async cancel(asked: AskedOnce): Promise<SubscriptionBody> {
    return this.ask(asked, { place: 'subscription/cancel', said: {} }, async ({ put, asker }) =>
      put(cancelPlanUpdate, asker),
    );
  }

  async undo(asked: AskedOnce): Promise<SubscriptionBody> {
    return this.ask(asked, { place: 'subscription/undo', said: {} }, async ({ put, asker }) =>
      put(undoPlanUpdate, asker),
    );
  }

  private async ask(
    { caller, requestId, idempotencyKey }: AskedOnce,
    { place, said }: { readonly place: string; readonly said: object },
    work: (question: Question) => Promise<void>,
  ): Promise<SubscriptionBody> {
    const { accountId } = caller;
    return this.changes.askOnce(
      { caller, place, idempotencyKey, body: said },
      async (tx, now) => {
        admitAct(await readAccount(tx, accountId), caller, 'pay');
        await admitRole(tx, caller, now);
      },
      async (name) => {
        const { input } = await this.present(caller);
        const asker = { actor: actorOf(caller), requestId };
        await work({
          asker,
          put: async (update, wish) => this.calls.ask(update, { caller, input, name, requestId, args: [wish] }),
        });
        return this.subscription(caller);
      },
    );
  }

  /** As it stands; where an account has come without it so far, it comes now. */
  async present(caller: Caller): Promise<Present> {
    const { account, standing } = await this.read(caller);
    const input = inputOf(account);
    if (standing !== null) {
      await this.openings.found(account);
      return { standing, input };
    }
    if (account.subscription === 'none' || account.status === 'closed') throw noSubscription();
    await this.openings.begin(account);
    const begun = await this.read(caller);
    if (begun.standing === null) throw new Error('a subscription stands and is not there to read');
    return { standing: begun.standing, input };
  }

  private async read(caller: Caller): Promise<Read> {
    const { accountId } = caller;
    return this.database.asTenant(tenantOf(caller), async (tx) => {
      const account = await readAccount(tx, accountId);
      if (account === null) throw new ProblemError('account_not_found', 'There is no such account.');
      return { account, standing: await this.reader.read(tx, inputOf(account).subject) };
    });
  }
}

interface Question {
  readonly asker: SubscriptionAsker;
  readonly put: <Wish>(update: UpdateDefinition<SubscriptionTold, [Wish]>, wish: Wish) => Promise<void>;
}

interface Read {
  readonly account: AccountSettings;
  readonly standing: Standing | null;
}

function noSubscription(): ProblemError {
  return new ProblemError('subscription_not_found', 'This account has no subscription.');
}
