// Records room. Quotes: written once when given, read by whoever admits the job that names one.
import { createHash } from 'node:crypto';
import type { QuoteTerms, RequestKind } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import { currentRateCardId, readRateCard } from './rate-cards.js';
import { QuoteRow } from './rows/quote.row.js';

export type Quote = Readonly<QuoteRow>;

/** The same action on the same content has the same hash, whatever the model and the limits (D15). */
export function askedHash(requestKind: RequestKind, text: string): string {
  return createHash('sha256').update(`${requestKind}\n${text}`).digest('hex');
}

export async function saveQuote(tx: EntityManager, quote: Quote): Promise<void> {
  await tx.getRepository(QuoteRow).insert(quote);
}

export async function findQuote(tx: EntityManager, id: string): Promise<Quote | null> {
  return tx.getRepository(QuoteRow).findOneBy({ id });
}

export async function findQuoteTerms(tx: EntityManager, id: string): Promise<QuoteTerms | null> {
  const quote = await findQuote(tx, id);
  return quote === null ? null : termsOfQuote(tx, quote);
}

/**
 * A quote as an admission takes it. A card that was not the one in force when the quote was given is nobody's promise:
 * such a quote counts as over.
 */
export async function termsOfQuote(tx: EntityManager, quote: Quote): Promise<QuoteTerms> {
  const inForce = await currentRateCardId(tx, quote.createdAt);
  return {
    id: quote.id,
    accountId: quote.accountId,
    botId: quote.botId,
    model: quote.model,
    program: quote.program,
    extras: quote.extras,
    maxIterations: quote.maxIterations,
    deadline: quote.deadline,
    max: quote.max,
    expiresAt: inForce === quote.rateCardId ? quote.expiresAt : quote.createdAt,
    rateCard: await readRateCard(tx, quote.rateCardId),
  };
}

export interface Asked {
  readonly accountId: string;
  readonly botId: string;
  readonly askedHash: string;
}

/** Whether a job or a quote of this bot was about the same before; where a person is named, one of that person's. */
export async function wasAskedBefore(tx: EntityManager, asked: Asked, person?: string): Promise<boolean> {
  const rows = await tx.query<{ found: boolean }[]>(
    `SELECT EXISTS (SELECT FROM records.quotes WHERE account_id = $1 AND bot_id = $2 AND asked_hash = $3
         AND ($4::text IS NULL OR asked_by = $4))
       OR EXISTS (SELECT FROM records.texts WHERE account_id = $1 AND subject = coalesce($4, $2) AND asked_hash = $3)
       AS found`,
    [asked.accountId, asked.botId, asked.askedHash, person ?? null],
  );
  return rows[0]?.found === true;
}
