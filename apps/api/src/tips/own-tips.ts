// API room. Tips that somebody's own work has called for, with where they come from.
import type { Tip, TipCode } from '@fairmeter/domain';

export interface OwnTip extends Tip {
  readonly of: 'job' | 'account';
  /** Null where it is given for the work of the account. */
  readonly jobId: string | null;
}

export type OwnTips = ReadonlyMap<TipCode, readonly OwnTip[]>;
