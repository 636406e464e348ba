// Ledger room. Loads what a decision stands on. First the lock, then one statement that reads: under READ COMMITTED a
// statement sees what was committed before it began, so the read must begin after the lock was got.
import type {
  AttemptFacts,
  Counter,
  DailyTerms,
  Hold,
  HoldCounter,
  Instant,
  JobFacts,
  Limit,
  Lot,
  MicroCredits,
  StepFacts,
} from '@fairmeter/domain';
import { instant, microCredits, microDollars, parseMicroCredits } from '@fairmeter/domain';
import type { Statement, Transaction } from '@fairmeter/platform/database';
import { firstIdAfter } from '@fairmeter/platform/database';
import type { StoredBody } from './hash.js';
import { ALL_STEPS, loadStatement, REFUND_WINDOW_DAYS, type LoadValue } from './load-statement.js';
import { waitingOf } from '../rows/waiting-json.js';
import type { Post } from './post.js';
import { sharesOf } from './shares.js';

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
  readonly day_opened: Date | null;
  readonly writer: string;
  readonly self: string;
}

const SCOPES = `SELECT id, entry_seq, outbox_seq, last_effective_at, debt, terms_rows, limit_rows, open_jobs,
    day_opened, xmin::text AS writer, pg_current_xact_id()::xid::text AS self
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

export interface KnownOperation {
  readonly key: string;
  readonly bodyHash: string;
  readonly body: StoredBody;
  readonly result: unknown;
}

interface LineRow {
  readonly holdId: string;
  readonly lineNo: number;
  readonly lotId: string;
  readonly held: string;
  readonly captured: string;
  readonly reversed: string;
}

interface PartRow {
  readonly holdId: string;
  readonly counterId: string;
  readonly held: string;
  readonly used: string;
}

type Json = Readonly<Record<string, unknown>>;

interface LoadRow {
  readonly now: Date;
  readonly operations: KnownOperation[] | null;
  readonly jobs?: Json[] | null;
  readonly holds?: Omit<Hold, 'lines' | 'counters'>[] | null;
  readonly lines?: LineRow[] | null;
  readonly lots: Json[] | null;
  readonly parts?: PartRow[] | null;
  readonly counters: Json[] | null;
  readonly terms: Json[] | null;
  readonly limits?: Json[] | null;
  readonly steps?: Json[] | null;
  readonly windows?: { readonly jobId: string; readonly charged: string }[] | null;
  readonly refunds?: Json[] | null;
  readonly attempts?: (Omit<AttemptFacts, 'realCost'> & { readonly realCost: string })[] | null;
}

/** Everything the decisions of a group stand on, read after their scopes were locked. */
export interface GroupGround {
  readonly clockNow: Instant;
  readonly operations: readonly KnownOperation[];
  readonly jobs: readonly JobFacts[];
  readonly holds: readonly Hold[];
  readonly lots: readonly { readonly scopeId: string; readonly lot: Lot }[];
  readonly counters: readonly { readonly scopeId: string; readonly counter: Counter }[];
  readonly terms: readonly { readonly scopeId: string; readonly terms: DailyTerms }[];
  /** Those in force that a post of the group must pass. */
  readonly limits: readonly { readonly scopeId: string; readonly limit: Limit }[];
  readonly steps: readonly StepFacts[];
  readonly attempts: readonly AttemptFacts[];
  /** By the job whose finding is to be held against it: what the rest of its scope was charged. */
  readonly charged: ReadonlyMap<string, MicroCredits>;
  readonly refunds: readonly LoopRefundKnown[];
}

/** An automatic refund of the window. */
export interface LoopRefundKnown {
  readonly scopeId: string;
  readonly jobId: string;
  readonly number: number;
  readonly amount: MicroCredits;
}

export async function loadGround(tx: Transaction, posts: readonly Post<object>[]): Promise<GroupGround> {
  const of = <T>(pick: (post: Post<object>) => T | undefined): T[] =>
    posts.flatMap((post) => {
      const value = pick(post);
      return value === undefined ? [] : [value];
    });
  const refs = posts.flatMap(({ scopeId, load: { limits = [] } }) =>
    limits === 'ofHold' ? [] : limits.map((ref) => ({ scopeId, ...ref })),
  );
  const ofJobs = posts.filter((post) => post.load.jobId !== undefined);
  const windows = posts.filter((post) => post.load.refundWindow === true);
  const given: Readonly<Record<LoadValue, unknown[]>> = {
    scopeIds: [...new Set(of((post) => post.scopeId))],
    keys: of((post) => post.key),
    jobIds: of((post) => post.load.jobId),
    keyHashes: of((post) => post.load.keyHash),
    wishJobs: ofJobs.map((post) => post.load.jobId),
    wishOrdinals: ofJobs.map((post) => (post.load.allSteps === true ? ALL_STEPS : (post.load.ordinal ?? null))),
    sources: of((post) => post.load.sourceRef),
    counterIds: posts.flatMap((post) => post.load.counterIds ?? []),
    lotIds: posts.flatMap((post) => post.load.lotIds ?? []),
    endedScopes: of((post) => (post.load.endedLots === true ? post.scopeId : undefined)),
    refScopes: refs.map((ref) => ref.scopeId),
    refKinds: refs.map((ref) => ref.kind),
    refSubjects: refs.map((ref) => ref.subject),
    refJobs: of((post) => (post.load.limits === 'ofHold' ? post.load.jobId : undefined)),
    dayScopes: of((post) => (post.load.dailyLot === true ? post.scopeId : undefined)),
    windowJobs: windows.map((post) => post.load.jobId),
    windowScopes: windows.map((post) => post.scopeId),
    windowAccounts: windows.map((post) => post.accountId),
    windowFrom: windows.map(() => firstIdAfter('job', Date.now() - REFUND_WINDOW_DAYS * 86_400_000)),
  };
  const isAsked = (...values: LoadValue[]): boolean => values.some((value) => given[value].length > 0);
  const { name, text, values } = loadStatement({
    jobs: isAsked('jobIds', 'keyHashes'),
    limits: isAsked('refScopes', 'refJobs'),
    namedLots: isAsked('sources', 'lotIds', 'endedScopes', 'dayScopes'),
    window: isAsked('windowJobs'),
  });
  const rows = await tx.query<LoadRow>({ name, text, values: values.map((value) => given[value]) });
  const row = rows[0];
  if (row === undefined) throw new Error('the ground of a group is always one row');
  const linesOf = byHold(row.lines ?? []);
  const partsOf = byHold(row.parts ?? []);
  return {
    clockNow: instant(row.now.getTime()),
    operations: row.operations ?? [],
    jobs: (row.jobs ?? []).map((job) => ({
      ...withAmounts<JobFacts>(job, JOB_AMOUNTS),
      minimumPaidFrom: sharesOf(job['minimumPaidFrom']),
      waiting: waitingOf(job['waiting']),
    })),
    holds: (row.holds ?? []).map((hold) => ({
      ...hold,
      lines: (linesOf.get(hold.id) ?? []).map(lineOf),
      counters: (partsOf.get(hold.id) ?? []).map(partOf),
    })),
    lots: (row.lots ?? []).map(({ scopeId, ...lot }) => ({ scopeId: String(scopeId), lot: lotOf(lot) })),
    counters: (row.counters ?? []).map(({ scopeId, ...counter }) => ({
      scopeId: String(scopeId),
      counter: withAmounts<Counter>(counter, ['used', 'held']),
    })),
    terms: (row.terms ?? []).map(({ scopeId, ...terms }) => ({
      scopeId: String(scopeId),
      terms: withAmounts<DailyTerms>(terms, ['dailyAllowance']),
    })),
    limits: (row.limits ?? []).map(({ scopeId, ...limit }) => ({
      scopeId: String(scopeId),
      limit: withAmounts<Limit>(limit, ['amount']),
    })),
    steps: (row.steps ?? []).map((step) => ({
      ...withAmounts<StepFacts>(step, STEP_AMOUNTS),
      paidFrom: sharesOf(step['paidFrom']),
    })),
    attempts: (row.attempts ?? []).map((attempt) => ({ ...attempt, realCost: microDollars(BigInt(attempt.realCost)) })),
    charged: new Map((row.windows ?? []).map(({ jobId, charged }) => [jobId, parseMicroCredits(charged)])),
    refunds: (row.refunds ?? []).map((refund) => withAmounts<LoopRefundKnown>(refund, ['amount'])),
  };
}

const JOB_AMOUNTS = ['maxCredits', 'charge', 'minimumCharge', 'writtenOff', 'refunded', 'held'];
const STEP_AMOUNTS = ['charge', 'writtenOff'];

function withAmounts<T>(json: Json, amounts: readonly string[]): T {
  const parsed: Record<string, unknown> = { ...json };
  for (const field of amounts) parsed[field] = parseMicroCredits(String(json[field]));
  return parsed as T;
}

function byHold<T extends { readonly holdId: string }>(rows: readonly T[]): ReadonlyMap<string, T[]> {
  const of = new Map<string, T[]>();
  for (const row of rows) {
    const own = of.get(row.holdId);
    if (own === undefined) of.set(row.holdId, [row]);
    else own.push(row);
  }
  return of;
}

function lineOf({ lineNo, lotId, held, captured, reversed }: LineRow): Hold['lines'][number] {
  return {
    lineNo,
    lotId,
    held: parseMicroCredits(held),
    captured: parseMicroCredits(captured),
    reversed: parseMicroCredits(reversed),
  };
}

function partOf({ counterId, held, used }: PartRow): HoldCounter {
  return { counterId, held: parseMicroCredits(held), used: parseMicroCredits(used) };
}

function lotOf(json: Json): Lot {
  const lot = withAmounts<Lot & { openedSeq: unknown }>(json, ['granted', 'open', 'held']);
  return { ...lot, openedSeq: BigInt(String(lot.openedSeq)) };
}
