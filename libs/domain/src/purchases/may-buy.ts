// Domain room. Whether credits may be bought at all: none are sold that nobody could use.
import type { AccountStatus } from '../accounts/status.js';
import { accountMay } from '../accounts/status.js';
import type { Visibility } from '../bots/publication.js';
import type { Refusal } from '../failures/refusal.js';

/** By an account for itself: one that is suspended may pay its way back. */
export function whyNoBundle(status: AccountStatus): Refusal | null {
  return accountMay(status, 'pay') ? null : { code: 'account_not_active', status };
}

export interface SellingBot {
  readonly accountStatus: AccountStatus;
  readonly archived: boolean;
  readonly visibility: Visibility;
}

/** By a visitor of the bot; null of a bot that is not there. */
export function whyNoPack(bot: SellingBot | null): Refusal | null {
  if (bot === null) return { code: 'bot_not_found' };
  const { accountStatus: status, archived, visibility } = bot;
  if (!accountMay(status, 'start_work')) return { code: 'account_not_active', status };
  if (archived) return { code: 'bot_archived' };
  return visibility === 'private' ? { code: 'bot_private' } : null;
}
