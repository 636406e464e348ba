// API room. Who stands behind an API key: one bot of one account. Every key of a bot is the same caller.
import type { Tenant } from '@fairmeter/platform/database';

export interface KeyHolder {
  readonly keyId: string;
  readonly accountId: string;
  readonly botId: string;
  readonly scopes: readonly string[];
}

export const SUBMIT_SCOPE = 'submit';
export const READ_SCOPE = 'read';
export type KeyScope = typeof SUBMIT_SCOPE | typeof READ_SCOPE;

export function tenantOf(holder: KeyHolder): Tenant {
  return { accountId: holder.accountId, subject: holder.botId };
}
