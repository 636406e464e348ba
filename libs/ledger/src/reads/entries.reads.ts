// Ledger room, read side. The entries of a scope, page by page. Numbers are given in commit order without gaps, so a
// page goes on after a number and neither misses nor repeats an entry, however many arrive meanwhile.
import type { LotKind } from '@fairmeter/domain';
import { instantOfDate, parseMicroCredits } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import { askedByPerson } from '../rows/requesters.js';
import type { EntryLot, EntryView } from './credits-views.js';

export interface EntriesQuery {
  readonly order: 'newest' | 'oldest';
  /** The number of the last entry seen; null begins. */
  readonly after: bigint | null;
  readonly limit: number;
  /** Entries of whose requests alone; left out, all there are. */
  readonly person?: string | undefined;
  readonly jobId?: string;
  readonly lotId?: string;
  readonly lotKind?: LotKind;
}

export interface EntriesPage {
  readonly entries: readonly EntryView[];
  /** The number after which the next page goes on; null where there is none. */
  readonly next: bigint | null;
}

interface EntryRow {
  readonly scope_seq: string;
  readonly from_account: string;
  readonly to_account: string;
  readonly amount: string;
  readonly lot_id: string | null;
  readonly lot_kind: LotKind | null;
  readonly lot_open_after: string | null;
  readonly lot_held_after: string | null;
  readonly job_id: string | null;
  readonly step_ordinal: number | null;
  readonly operation_key: string;
  readonly verb: string;
  readonly effective_at: Date;
  readonly recorded_at: Date;
}

const MAX_SEQ = 9_223_372_036_854_775_807n;

export async function readEntries(tx: EntityManager, scopeId: string, query: EntriesQuery): Promise<EntriesPage> {
  const { order, after, limit } = query;
  const direction = order === 'newest' ? 'DESC' : 'ASC';
  const from = after ?? (order === 'newest' ? MAX_SEQ : 0n);
  // One more than asked for tells whether there is a next page.
  const values: unknown[] = [scopeId, from.toString(), limit + 1];
  const rows = await tx.query<EntryRow[]>(
    `SELECT e.scope_seq::text, e.from_account, e.to_account, e.amount::text, e.lot_id, l.kind AS lot_kind,
       e.lot_open_after::text, e.lot_held_after::text, e.job_id, e.step_ordinal, e.operation_key, o.verb,
       e.effective_at, e.recorded_at
     FROM (${pageOf(query, values)} ORDER BY scope_seq ${direction} LIMIT $3) e
     JOIN ledger.operations o ON o.key = e.operation_key
     LEFT JOIN ledger.lots l ON l.id = e.lot_id
     ORDER BY e.scope_seq ${direction}`,
    values,
  );
  const entries = rows.slice(0, limit).map(entryView);
  return { entries, next: rows.length > limit ? (entries.at(-1)?.seq ?? null) : null };
}

/** Adds its own parameters to `values`. Every way in follows an index that ends with the number. */
function pageOf(query: EntriesQuery, values: unknown[]): string {
  const parameter = (value: unknown): string => `$${values.push(value)}`;
  const { person, jobId, lotId, lotKind, order } = query;
  const beyond = `scope_seq ${order === 'newest' ? '<' : '>'} $2`;
  const direction = order === 'newest' ? 'DESC' : 'ASC';
  const ofKind = lotKind === undefined ? '' : `AND kind = ${parameter(lotKind)}`;
  if (person !== undefined || jobId !== undefined) {
    const ofLot = lotId === undefined ? '' : `AND lot_id = ${parameter(lotId)}`;
    const ofKindToo =
      lotKind === undefined ? '' : `AND lot_id IN (SELECT id FROM ledger.lots WHERE scope_id = $1 ${ofKind})`;
    const ofJob = `SELECT * FROM ledger.entries WHERE scope_id = $1 AND ${beyond} ${ofLot} ${ofKindToo}`;
    if (person === undefined) return `${ofJob} AND job_id = ${parameter(jobId)}`;
    // As with lots below: at most a page from each job of that person.
    const thisOne = jobId === undefined ? '' : `AND j.id = ${parameter(jobId)}`;
    return `SELECT found.* FROM (SELECT j.id FROM ledger.jobs j
        WHERE ${askedByPerson('j', parameter(person))} AND j.scope_id = $1 ${thisOne}) job
      CROSS JOIN LATERAL (${ofJob} AND job_id = job.id ORDER BY scope_seq ${direction} LIMIT $3) found`;
  }
  if (lotId === undefined && lotKind === undefined) {
    return `SELECT * FROM ledger.entries WHERE scope_id = $1 AND ${beyond}`;
  }
  // At most a page from each lot, merged: a kind with few entries among millions is found all the same.
  const ofLot = lotId === undefined ? '' : `AND id = ${parameter(lotId)}`;
  return `SELECT found.* FROM (SELECT id FROM ledger.lots WHERE scope_id = $1 ${ofLot} ${ofKind}) lot
    CROSS JOIN LATERAL (SELECT * FROM ledger.entries
      WHERE lot_id = lot.id AND ${beyond} ORDER BY scope_seq ${direction} LIMIT $3) found`;
}

function entryView(row: EntryRow): EntryView {
  return {
    seq: BigInt(row.scope_seq),
    from: row.from_account,
    to: row.to_account,
    amount: parseMicroCredits(row.amount),
    lot: entryLot(row),
    jobId: row.job_id,
    stepOrdinal: row.step_ordinal,
    operationKey: row.operation_key,
    verb: row.verb,
    effectiveAt: instantOfDate(row.effective_at),
    recordedAt: instantOfDate(row.recorded_at),
  };
}

function entryLot(row: EntryRow): EntryLot | null {
  if (row.lot_id === null || row.lot_kind === null) return null;
  return {
    id: row.lot_id,
    kind: row.lot_kind,
    openAfter: parseMicroCredits(row.lot_open_after ?? '0'),
    heldAfter: parseMicroCredits(row.lot_held_after ?? '0'),
  };
}
