// Domain room. The accounts of the double entry and the entry itself. We say from and to, never debit and credit:
// "credit" is our unit and must not also be a side.
import type { MicroCredits } from '../amounts/micro-credits.js';
import type { LotKind } from './lot.js';

export type LotSide = 'open' | 'held';

export type LedgerAccount =
  | `lot:${string}:${LotSide}`
  | `issued:${LotKind}`
  | `consumed:${string}`
  | `debt:${string}`
  | 'lapsed'
  | 'clawed_back'
  | 'written_off';

export function lotAccount(lotId: string, side: LotSide): LedgerAccount {
  return `lot:${lotId}:${side}`;
}

export function consumedAccount(scopeId: string): LedgerAccount {
  return `consumed:${scopeId}`;
}

export function debtAccount(scopeId: string): LedgerAccount {
  return `debt:${scopeId}`;
}

/** The scope of an account's own lots and counters. */
export function accountScope(accountId: string): string {
  return `account/${accountId}`;
}

/** Undefined where the scope is not an account's own. */
export function accountOfScope(scopeId: string): string | undefined {
  const [kind, accountId] = scopeId.split('/');
  return kind === 'account' ? accountId : undefined;
}

/** The scope of one end user at one bot: what is bought there works nowhere else (B1). */
export function endUserScope(botId: string, endUserId: string): string {
  return `end_user/${botId}/${endUserId}`;
}

export interface Entry {
  readonly from: LedgerAccount;
  readonly to: LedgerAccount;
  /** Always above 0. */
  readonly amount: MicroCredits;
  readonly lotId: string | null;
  /** The lot's figures after this entry, so that a past instant is one look-up per lot. */
  readonly lotOpenAfter: MicroCredits | null;
  readonly lotHeldAfter: MicroCredits | null;
  readonly jobId: string | null;
  readonly stepOrdinal: number | null;
}
