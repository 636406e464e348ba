// Domain room. Everything an account can be told of, by name: what a webhook may ask for, and what is listed or mailed.
// Whoever announces something new adds its line here, and a sentence for it to the catalogue of mails.

/** What the ledger's outbox says by itself: nobody announces it. */
export const LEDGER_NOTICES = [
  'job.ended',
  'job.awaiting_credits',
  'job.refunded',
  'loop.found',
  'credits.granted',
  'credits.grown',
  'credits.lapsed',
  'credits.taken_back',
  'subscription.changed',
] as const;

/** What is announced by whoever changes the fact, in the transaction of the change. */
export const ANNOUNCED_NOTICES = [
  'credits.low',
  'credits.zero',
  'credits.reset',
  'credits.ending_soon',
  'review.changed',
  'incident.compensated',
  'purchase.paid',
  'bot.model_withdrawn',
  // To the endpoint it is about alone, whatever that asked for.
  'webhook.test',
  'webhook.disabled',
] as const;

export const NOTICE_TYPES = [...LEDGER_NOTICES, ...ANNOUNCED_NOTICES] as const;

export type LedgerNotice = (typeof LEDGER_NOTICES)[number];
export type AnnouncedNotice = (typeof ANNOUNCED_NOTICES)[number];
export type NoticeType = (typeof NOTICE_TYPES)[number];

const OF_THE_LEDGER: ReadonlySet<string> = new Set(LEDGER_NOTICES);

export function isLedgerNotice(type: string): type is LedgerNotice {
  return OF_THE_LEDGER.has(type);
}
