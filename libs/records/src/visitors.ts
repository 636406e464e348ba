// Records room. Visitors of a bot: known by a hash of the owner's name for them until they are erased, and by an id and
// a pseudonym for good. Which jobs a visitor asked for stands beside the ledger, by the key of the job.
import { createHash } from 'node:crypto';
import type { Instant } from '@fairmeter/domain';
import { instantOfDate } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import type { EntityManager } from 'typeorm';

export interface VisitorIdentity {
  readonly accountId: string;
  readonly botId: string;
  readonly isDeleted: boolean;
  /** Under which id limits and rates count: of the first visitor who came under the same name, deleted or not. */
  readonly countedAs: string;
  /** Of the bot now: it goes on with every move and every archiving. */
  readonly tokenRound: number;
  /** Whether whoever gave the token could give it still. */
  readonly giverMay: boolean;
}

/** What a token says of itself; a key or an owner gave it. */
export interface TokenClaim {
  readonly visitorId: string;
  readonly giverId: string;
  readonly at: Instant;
}

interface VisitorRow {
  readonly account_id: string;
  readonly bot_id: string;
  readonly deleted_at: Date | null;
  readonly counted_as: string;
  readonly token_round: number;
  readonly giver_may: boolean;
}

/** Before the tenant is known. */
export async function findVisitor(tx: EntityManager, claim: TokenClaim): Promise<VisitorIdentity | null> {
  const rows = await tx.query<VisitorRow[]>('SELECT * FROM records.visitor_of_token($1, $2, $3)', [
    claim.visitorId,
    claim.giverId,
    new Date(claim.at),
  ]);
  const row = rows[0];
  if (row === undefined) return null;
  return {
    accountId: row.account_id,
    botId: row.bot_id,
    isDeleted: row.deleted_at !== null,
    countedAs: row.counted_as,
    tokenRound: row.token_round,
    giverMay: row.giver_may,
  };
}

/** Which round of tokens the bot is in; null where the tenant has no such bot. */
export async function readTokenRound(tx: EntityManager, botId: string): Promise<number | null> {
  const rows = await tx.query<{ token_round: number }[]>('SELECT token_round FROM records.bots WHERE id = $1', [botId]);
  return rows[0]?.token_round ?? null;
}

/** Bound to the bot: the same name at another bot is another hash. */
export function hashExternalRef(botId: string, externalRef: string): string {
  return createHash('sha256').update(`${botId}\n${externalRef}`).digest('hex');
}

export interface VisitorAsked {
  readonly accountId: string;
  readonly botId: string;
  readonly externalRef: string;
  /** The same name hashed with a key of the platform's: it outlives the visitor, and nobody can guess from it. */
  readonly shareRef: string;
}

export interface VisitorMet {
  readonly visitorId: string;
  readonly isNew: boolean;
}

const PSEUDONYM_CHARACTERS = 6;

/** The first time a name is heard makes the visitor; in parallel, one does and the others meet it. */
export async function meetVisitor(tx: EntityManager, asked: VisitorAsked): Promise<VisitorMet> {
  const { accountId, botId, shareRef } = asked;
  const refHash = hashExternalRef(botId, asked.externalRef);
  const known = await visitorOfRef(tx, botId, refHash);
  if (known !== undefined) {
    if (known.share_ref === null) await fillShareRef(tx, known.id, shareRef);
    return { visitorId: known.id, isNew: false };
  }
  const visitorId = newId('vis');
  // The end of an id is chance alone.
  const pseudonym = `visitor-${visitorId.slice(-PSEUDONYM_CHARACTERS)}`;
  const made = await tx.query<unknown[]>(
    // A twin whose row this snapshot does not show yet makes it fail to serialize; asked again, it is there.
    `INSERT INTO records.visitors (id, account_id, bot_id, ref_hash, pseudonym, share_ref, counted_as)
     VALUES ($1, $2, $3, $4, $5, $6,
       (SELECT coalesce(v.counted_as, v.id) FROM records.visitors v WHERE v.bot_id = $3 AND v.share_ref = $6
        ORDER BY v.id LIMIT 1))
     ON CONFLICT (bot_id, ref_hash) DO NOTHING RETURNING id`,
    [visitorId, accountId, botId, refHash, pseudonym, shareRef],
  );
  if (made.length === 0) throw new Error(`a visitor of ${botId} is kept where its owner cannot see it`);
  return { visitorId, isNew: true };
}

interface KnownRow {
  readonly id: string;
  readonly share_ref: string | null;
}

async function visitorOfRef(tx: EntityManager, botId: string, refHash: string): Promise<KnownRow | undefined> {
  const rows = await tx.query<KnownRow[]>(
    'SELECT id, share_ref FROM records.visitors WHERE bot_id = $1 AND ref_hash = $2',
    [botId, refHash],
  );
  return rows[0];
}

/** Whoever was met before it was kept: a deletion from now on is no refill for them either. */
async function fillShareRef(tx: EntityManager, visitorId: string, shareRef: string): Promise<void> {
  await tx.query('UPDATE records.visitors SET share_ref = $2 WHERE id = $1 AND share_ref IS NULL', [
    visitorId,
    shareRef,
  ]);
}

export interface VisitorView {
  readonly id: string;
  readonly pseudonym: string;
  readonly createdAt: Instant;
  readonly deletedAt: Instant | null;
}

interface VisitorColumns {
  readonly id: string;
  readonly pseudonym: string;
  readonly created_at: Date;
  readonly deleted_at: Date | null;
}

export interface VisitorsPage {
  /** Goes on after this one; null for the first page. */
  readonly before: string | null;
  readonly limit: number;
}

/** The newest first. */
export async function listVisitors(tx: EntityManager, botId: string, page: VisitorsPage): Promise<VisitorView[]> {
  const rows = await tx.query<VisitorColumns[]>(
    `SELECT id, pseudonym, created_at, deleted_at FROM records.visitors
     WHERE bot_id = $1 AND ($2::text IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
    [botId, page.before, page.limit],
  );
  return rows.map((row) => ({
    id: row.id,
    pseudonym: row.pseudonym,
    createdAt: instantOfDate(row.created_at),
    deletedAt: row.deleted_at === null ? null : instantOfDate(row.deleted_at),
  }));
}

export async function isVisitorOf(tx: EntityManager, botId: string, visitorId: string): Promise<boolean> {
  const rows = await tx.query<unknown[]>('SELECT FROM records.visitors WHERE id = $1 AND bot_id = $2', [
    visitorId,
    botId,
  ]);
  return rows.length > 0;
}

/** Whether all words of the visitor are gone already, or are about to go. */
export async function isErased(tx: EntityManager, visitorId: string): Promise<boolean> {
  const rows = await tx.query<unknown[]>('SELECT FROM records.visitors WHERE id = $1 AND erased_at IS NOT NULL', [
    visitorId,
  ]);
  return rows.length > 0;
}

export interface VisitorJob {
  readonly keyHash: string;
  readonly accountId: string;
  readonly botId: string;
  readonly visitorId: string;
}

/** Written with the prompt, before there is a job: the same request again is the same line. */
export async function noteVisitorJob(tx: EntityManager, job: VisitorJob): Promise<void> {
  await tx.query(
    `INSERT INTO records.visitor_jobs (key_hash, account_id, bot_id, visitor_id) VALUES ($1, $2, $3, $4)
     ON CONFLICT (key_hash) DO NOTHING`,
    [job.keyHash, job.accountId, job.botId, job.visitorId],
  );
}

/** In step: who asked, and the key of the request. */
export interface RequestsOfVisitors {
  readonly whose: readonly string[];
  readonly keyHashes: readonly string[];
}

/** Every request of these visitors that may have become a job. */
export async function requestsOf(tx: EntityManager, visitorIds: readonly string[]): Promise<RequestsOfVisitors> {
  const rows = await tx.query<{ visitor_id: string; key_hash: string }[]>(
    'SELECT visitor_id, key_hash FROM records.visitor_jobs WHERE visitor_id = ANY ($1)',
    [visitorIds],
  );
  return { whose: rows.map((row) => row.visitor_id), keyHashes: rows.map((row) => row.key_hash) };
}

/** In whose books the visitor's requests are, and where there are words: of more than one where the bot has moved. */
export async function accountsOfVisitor(tx: EntityManager, visitorId: string): Promise<string[]> {
  const rows = await tx.query<{ account_id: string }[]>(
    `SELECT account_id FROM records.visitor_jobs WHERE visitor_id = $1
     UNION SELECT account_id FROM records.texts WHERE subject LIKE 'vis\\_%' AND subject = $1`,
    [visitorId],
  );
  return rows.map((row) => row.account_id);
}

/** From now on no token of the visitor is heard, and the owner's name for it leads nowhere. False where it was so. */
export async function markDeleted(tx: EntityManager, visitorId: string): Promise<boolean> {
  const rows = await tx.query<unknown[][]>(
    `UPDATE records.visitors SET deleted_at = clock_timestamp(), ref_hash = NULL
     WHERE id = $1 AND deleted_at IS NULL RETURNING id`,
    [visitorId],
  );
  return (rows[0]?.length ?? 0) > 0;
}

/** From now on nothing is written under the visitor's id; waits for what is being written. */
export async function markErased(tx: EntityManager, visitorId: string): Promise<void> {
  await tx.query(`UPDATE records.visitors SET erased_at = clock_timestamp() WHERE id = $1 AND erased_at IS NULL`, [
    visitorId,
  ]);
}
