// API room. A change of an account that a person makes: in the tenant's transaction, where the account's status allows
// it, with its line of the audit.
import type { AccountAct } from '@fairmeter/domain';
import { accountMay } from '@fairmeter/domain';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { AccountSettings, AuditedState } from '@fairmeter/records';
import { readAccount, writeAudit } from '@fairmeter/records';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import { againstTwins } from '../changes/against-twins.js';
import { ProblemError } from '../problems/problem-error.js';
import { refusalProblem } from '../problems/refusal-problem.js';

type Transaction = Parameters<typeof readAccount>[0];

export interface Asked {
  readonly caller: Caller;
  readonly requestId: string;
}

export interface Line {
  readonly action: string;
  readonly targetId: string;
  readonly before: AuditedState | null;
  readonly after: AuditedState | null;
}

export interface UnderChange {
  readonly tx: Transaction;
  readonly account: AccountSettings;
  readonly note: (line: Line) => Promise<void>;
}

@Injectable()
export class AccountChanges {
  constructor(private readonly database: TenantDatabase) {}

  async make<T>(asked: Asked, act: AccountAct, work: (change: UnderChange) => Promise<T>): Promise<T> {
    const { caller, requestId } = asked;
    const tenant = tenantOf(caller);
    return againstTwins(async () =>
      this.database.asTenant(tenant, async (tx) => {
        const account = await readAccount(tx, caller.accountId);
        if (account === null) throw new ProblemError('account_not_found', 'There is no such account.');
        if (!accountMay(account.status, act)) {
          throw refusalProblem({ code: 'account_not_active', status: account.status }, 0);
        }
        const actor = { role: caller.role, id: caller.kind === 'person' ? caller.userId : tenant.subject };
        const note = async (line: Line): Promise<void> =>
          writeAudit(tx, { ...line, accountId: caller.accountId, actor, requestId });
        return work({ tx, account, note });
      }),
    );
  }
}
