// API room. An order: what is on offer to whoever asks, and for whom each part of it is.
import type { Instant, Refusal } from '@fairmeter/domain';
import { accountScope, endUserScope, whyNoBundle, whyNoPack } from '@fairmeter/domain';
import type { EntityManager } from '@fairmeter/platform/database';
import type { OrderedPart, Product } from '@fairmeter/records';
import { readAccount, readBotForAdmission, readBundles, readPacksOfBot } from '@fairmeter/records';
import type { Caller, VisitorCaller } from '../callers/caller.js';
import { ProblemError, validationFailed } from '../problems/problem-error.js';
import { fault, FAULTS } from '../wording/fault-words.js';

/** A visitor buys for one bot, everybody else for the account. */
export function scopeOf(caller: Caller): string {
  return caller.kind === 'visitor' ? endUserScope(caller.botId, caller.visitorId) : accountScope(caller.accountId);
}

/** Null where something may be bought. */
export async function whyNothing(tx: EntityManager, caller: Caller, now: Instant): Promise<Refusal | null> {
  if (caller.kind === 'visitor') return whyNoPack(await readBotForAdmission(tx, caller.botId, now));
  const account = await readAccount(tx, caller.accountId);
  if (account === null) throw new ProblemError('account_not_found', 'There is no such account.');
  return whyNoBundle(account.status);
}

export async function readOffersFor(tx: EntityManager, caller: Caller): Promise<readonly Product[]> {
  return caller.kind === 'visitor' ? readPacksOfBot(tx, caller.botId) : readBundles(tx);
}

/** `others`: the same visitor at the other bots of a pack, as their tokens say. */
export function partsOf(product: Product, caller: Caller, others: readonly VisitorCaller[]): OrderedPart[] {
  const visitors = caller.kind === 'visitor' ? [caller, ...others] : others;
  const allowances = product.kind === 'pack' ? product.allowances : [];
  const bots = allowances.map(({ botId }) => botId);
  const missing = bots.filter((botId) => !visitors.some((visitor) => visitor.botId === botId));
  if (missing.length > 0 || visitors.length !== bots.length) {
    const message = missing.length > 0 ? fault('tokens_missing', { bots: missing.join(', ') }) : FAULTS.token_each;
    throw validationFailed([{ pointer: '/visitor_tokens', message }]);
  }
  if (product.kind === 'bundle') return [{ scopeId: scopeOf(caller), bot: null, credits: product.credits }];
  return visitors.map((visitor) => ({
    scopeId: scopeOf(visitor),
    bot: { botId: visitor.botId, visitorId: visitor.visitorId },
    credits: allowances.find(({ botId }) => botId === visitor.botId)?.credits ?? product.credits,
  }));
}
