// API room. A change of an account that a person makes: as every change the API writes itself, with the account that it
// is made in.
import type { AccountAct } from '@fairmeter/domain';
import { Injectable } from '@nestjs/common';
import type { Asked, Changing, Line, Made, MaybeOnce } from '../changes/changes.js';
import { Changes, note } from '../changes/changes.js';

export interface UnderChange extends Pick<Changing, 'tx' | 'account'> {
  readonly note: (line: Line) => Promise<void>;
}

@Injectable()
export class AccountChanges {
  constructor(private readonly changes: Changes) {}

  async make<T>(asked: Asked, act: AccountAct, work: (change: UnderChange) => Promise<T>): Promise<T> {
    return this.changes.make({ ...asked, act }, async (changing) => work(underChange(changing)));
  }

  /** What would be something new each time: once for whoever names it. */
  async makeOnceIfNamed<T extends object>(
    asked: Asked,
    once: MaybeOnce,
    work: (change: UnderChange) => Promise<Made<T>>,
  ): Promise<T> {
    return this.changes.makeOnceIfNamed(asked, once, async (changing) => work(underChange(changing)));
  }
}

function underChange(changing: Changing): UnderChange {
  const { tx, account } = changing;
  return { tx, account, note: async (line) => note(changing, line) };
}
