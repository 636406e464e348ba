// API room. A change of an account that a person makes: as every change the API writes itself, where the account's
// status allows it.
import type { AccountAct } from '@fairmeter/domain';
import { accountMay } from '@fairmeter/domain';
import type { AccountSettings } from '@fairmeter/records';
import { readAccount } from '@fairmeter/records';
import { Injectable } from '@nestjs/common';
import type { Asked, Changing, Line } from '../changes/changes.js';
import { Changes, note } from '../changes/changes.js';
import { ProblemError } from '../problems/problem-error.js';
import { refusalProblem } from '../problems/refusal-problem.js';

export interface UnderChange extends Pick<Changing, 'tx'> {
  readonly account: AccountSettings;
  readonly note: (line: Line) => Promise<void>;
}

@Injectable()
export class AccountChanges {
  constructor(private readonly changes: Changes) {}

  async make<T>(asked: Asked, act: AccountAct, work: (change: UnderChange) => Promise<T>): Promise<T> {
    return this.changes.make(asked, async (changing) => {
      const { tx, caller } = changing;
      const account = await readAccount(tx, caller.accountId);
      if (account === null) throw new ProblemError('account_not_found', 'There is no such account.');
      if (!accountMay(account.status, act)) {
        throw refusalProblem({ code: 'account_not_active', status: account.status }, 0);
      }
      return work({ tx, account, note: async (line) => note(changing, line) });
    });
  }
}
