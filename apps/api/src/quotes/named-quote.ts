// API room. The quote that a submit names, and whether this is the request that was quoted. The text is known here
// alone; all else about a quote is decided where every admission is.
import type { Instant, NamedQuote, Outcome, RequestKind } from '@fairmeter/domain';
import { accept, refuse } from '@fairmeter/domain';
import type { EntityManager } from '@fairmeter/platform/database';
import { findQuote, termsOfQuote } from '@fairmeter/records';

export interface NamedQuoteQuery {
  readonly quoteId: string | undefined;
  readonly botId: string;
  readonly requestKind: RequestKind;
  readonly askedHash: string;
  readonly at: Instant;
}

export async function readNamedQuote(
  tx: EntityManager,
  { quoteId, botId, requestKind, askedHash, at }: NamedQuoteQuery,
): Promise<Outcome<NamedQuote | undefined>> {
  if (quoteId === undefined) return accept(undefined);
  const quote = await findQuote(tx, quoteId);
  if (quote === null || quote.botId !== botId) return accept({ terms: null, at });
  if (quote.requestKind !== requestKind) return refuse({ code: 'quote_mismatch', field: 'request_kind' });
  if (quote.askedHash !== askedHash) return refuse({ code: 'quote_mismatch', field: 'prompt' });
  return accept({ terms: await termsOfQuote(tx, quote), at });
}
