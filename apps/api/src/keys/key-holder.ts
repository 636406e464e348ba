// API room. Who stands behind an API key: one bot, or the account itself. Every key of a bot is the same caller, and so
// is every key of the account.
import type { Tenant } from '@fairmeter/platform/database';
import { BOT_ID } from '../requests/fields.js';

interface Holder {
  readonly keyId: string;
  readonly accountId: string;
  readonly scopes: readonly string[];
}

export interface BotKeyHolder extends Holder {
  readonly kind: 'bot';
  readonly botId: string;
}

/** Speaks for all bots of the account, and may see what the account has and spends. */
export interface AccountKeyHolder extends Holder {
  readonly kind: 'account';
}

export type KeyHolder = BotKeyHolder | AccountKeyHolder;

export const SUBMIT_SCOPE = 'submit';
export const READ_SCOPE = 'read';
/** To run an agent of its own and report its steps. */
export const REPORT_SCOPE = 'report';
export const ACCOUNT_SCOPE = 'account';
export type KeyScope = typeof SUBMIT_SCOPE | typeof REPORT_SCOPE | typeof READ_SCOPE | typeof ACCOUNT_SCOPE;

export function tenantOf(holder: KeyHolder): Tenant {
  return { accountId: holder.accountId, subject: holder.kind === 'bot' ? holder.botId : holder.accountId };
}

/** Whether this key may speak for that bot as far as the key alone can tell; the tables know whose bot it is. */
export function mayBe(holder: KeyHolder, botId: string): boolean {
  return holder.kind === 'bot' ? botId === holder.botId : BOT_ID.test(botId);
}
