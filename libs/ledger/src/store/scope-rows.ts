// Ledger room. The rows of scopes, by which a group owns them: found, locked in one order everywhere, opened.
import type { Instant, MicroCredits } from '@fairmeter/domain';
import { instant, microCredits } from '@fairmeter/domain';
import type { Statement, Transaction } from '@fairmeter/platform/database';
import type { Post } from './post.js';

export interface LockedScope {
  readonly scopeId: string;
  readonly entrySeq: bigint;
  readonly outboxSeq: bigint;
  readonly lastEffectiveAt: Instant;
  readonly debt: MicroCredits;
  readonly termsRows: number;
  readonly limitRows: number;
  /** Jobs that have not ended. */
  readonly openJobs: number;
  /** Of those, how many visitors asked for. */
  readonly visitorJobs: number;
  readonly dayOpened: Instant | null;
  /** The transaction that wrote the row last: as long as it is the same one, nothing in the scope has changed. */
  readonly writer: string;
}

/** Scopes as a transaction found them, and its own name as a writer. */
export interface FoundScopes {
  readonly scopes: readonly LockedScope[];
  readonly self: string;
}

interface ScopeRow {
  readonly id: string;
  readonly entry_seq: bigint;
  readonly outbox_seq: bigint;
  readonly last_effective_at: Date;
  readonly debt: bigint;
  readonly terms_rows: number;
  readonly limit_rows: number;
  readonly open_jobs: number;
  readonly visitor_jobs: number;
  readonly day_opened: Date | null;
  readonly writer: string;
  readonly self: string;
}

const SCOPES = `SELECT id, entry_seq, outbox_seq, last_effective_at, debt, terms_rows, limit_rows, open_jobs,
    visitor_jobs, day_opened, xmin::text AS writer, pg_current_xact_id()::xid::text AS self
  FROM ledger.scopes WHERE id = ANY($1) ORDER BY id`;

/** In the order of their ids, everywhere: two groups can wait for each other, never in a circle. */
export async function lockScopes(tx: Transaction, scopeIds: readonly string[]): Promise<FoundScopes> {
  return found(tx, { name: 'ledger-lock-scopes', text: `${SCOPES} FOR UPDATE`, values: [scopeIds] });
}

/** Those that nobody holds just now; whoever waits for the others waits alone. */
export async function lockFreeScopes(tx: Transaction, scopeIds: readonly string[]): Promise<FoundScopes> {
  return found(tx, { name: 'ledger-lock-free-scopes', text: `${SCOPES} FOR UPDATE SKIP LOCKED`, values: [scopeIds] });
}

/** As they are now: whoever decides on that must ask `lockUnchanged` before it writes. */
export async function peekScopes(tx: Transaction, scopeIds: readonly string[]): Promise<FoundScopes> {
  return found(tx, { name: 'ledger-peek-scopes', text: SCOPES, values: [scopeIds] });
}

/** SQL state of `lockUnchanged` where another writer was in between. */
export const MOVED_ON = 'FM002';

/** Locks the scopes in their order and fails unless each was written last by the one that is named. */
export async function lockUnchanged(tx: Transaction, scopes: readonly LockedScope[]): Promise<void> {
  await tx.query({
    name: 'ledger-lock-unchanged',
    text: `SELECT ledger.refuse_moved_on(count(*) FILTER (WHERE s.writer IS DISTINCT FROM u.writer))
      FROM unnest($1::text[], $2::text[]) u (id, writer) LEFT JOIN (SELECT id, xmin::text AS writer
        FROM ledger.scopes WHERE id = ANY($1) ORDER BY id FOR UPDATE) s ON s.id = u.id`,
    values: [scopes.map((scope) => scope.scopeId), scopes.map((scope) => scope.writer)],
  });
}

async function found(tx: Transaction, statement: Statement): Promise<FoundScopes> {
  const rows = await tx.query<ScopeRow>(statement);
  return { scopes: rows.map(lockedScope), self: rows[0]?.self ?? '' };
}

function lockedScope(row: ScopeRow): LockedScope {
  return {
    scopeId: row.id,
    entrySeq: row.entry_seq,
    outboxSeq: row.outbox_seq,
    lastEffectiveAt: instant(row.last_effective_at.getTime()),
    debt: microCredits(row.debt),
    termsRows: row.terms_rows,
    limitRows: row.limit_rows,
    openJobs: row.open_jobs,
    visitorJobs: row.visitor_jobs,
    dayOpened: row.day_opened === null ? null : instant(row.day_opened.getTime()),
    writer: row.writer,
  };
}

/**
 * Many may open one scope at once: the second finds it there. It begins at the start of time, so nothing is before it.
 * Answers with those that were not there.
 */
export async function openScopes(
  tx: Transaction,
  scopes: readonly Pick<Post<object>, 'scopeId' | 'accountId'>[],
): Promise<string[]> {
  const rows = await tx.query<{ id: string }>({
    name: 'ledger-open-scopes',
    text: `INSERT INTO ledger.scopes (id, account_id, last_effective_at)
      SELECT id, account_id, to_timestamp(0) FROM unnest($1::text[], $2::text[]) u (id, account_id) ORDER BY id
      ON CONFLICT (id) DO NOTHING RETURNING id`,
    values: [scopes.map((scope) => scope.scopeId), scopes.map((scope) => scope.accountId)],
  });
  return rows.map((row) => row.id);
}
