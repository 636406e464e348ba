// Ledger room. Loads what a decision stands on, in one statement that reads: under READ COMMITTED a statement sees what
// was committed before it began, so it begins after the locks were got, or what it found is asked for again.
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
import { instant, microDollars, parseMicroCredits } from '@fairmeter/domain';
import type { Transaction } from '@fairmeter/platform/database';
import { firstIdAfter } from '@fairmeter/platform/database';
import type { StoredBody } from './hash.js';
import { ALL_STEPS, loadStatement, REFUND_WINDOW_DAYS, type LoadValue } from './load-statement.js';
import { waitingOf } from '../rows/waiting-json.js';
import type { Post } from './post.js';
import { sharesOf } from './shares.js';

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
  /** A job was admitted under one of the keys, and is not remembered. */
  readonly met?: boolean;
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

/** What needs no reading, with the writers it stands on, and the posts that do need it. */
export interface Recalled extends Pick<
  GroupGround,
  'jobs' | 'holds' | 'lots' | 'counters' | 'terms' | 'steps' | 'attempts'
> {
  readonly writers: ReadonlyMap<string, string>;
  readonly unknown: readonly Post<object>[];
}

export async function loadGround(tx: Transaction, posts: readonly Post<object>[]): Promise<GroupGround> {
  return groundOf(await ask(tx, valuesOf(posts)));
}

/** Only what is not recalled; null where that does not do. */
export async function loadBeyond(
  tx: Transaction,
  posts: readonly Post<object>[],
  recalled: Recalled,
): Promise<GroupGround | null> {
  if (recalled.writers.size === 0) return loadGround(tx, posts);
  const { keys, keyHashes } = valuesOf(posts);
  const row = await ask(tx, { ...valuesOf(recalled.unknown), keys, keyHashes });
  if (row.met === true) return null;
  const ground = groundOf(row);
  return {
    ...ground,
    jobs: [...ground.jobs, ...recalled.jobs],
    holds: [...ground.holds, ...recalled.holds],
    lots: [...ground.lots, ...recalled.lots],
    counters: [...ground.counters, ...recalled.counters],
    terms: [...ground.terms, ...recalled.terms],
    steps: [...ground.steps, ...recalled.steps],
    attempts: [...ground.attempts, ...recalled.attempts],
  };
}

type LoadValues = Readonly<Record<LoadValue, unknown[]>>;

function valuesOf(posts: readonly Post<object>[]): LoadValues {
  const of = <T>(pick: (post: Post<object>) => T | undefined): T[] =>
    posts.flatMap((post) => {
      const value = pick(post);
      return value === undefined ? [] : [value];
    });
  const refs = posts.flatMap(({ scopeId, load: { limits = [] } }) =>
    limits === 'ofHold' ? [] : limits.map((ref) => ({ scopeId, ...ref })),
  );
  const ofJobs = posts.filter((post) => post.load.jobId !== undefined);
  const others = posts.flatMap((post) => post.load.otherJobs ?? []);
  const windows = posts.filter((post) => post.load.refundWindow === true);
  return {
    scopeIds: [...new Set(of((post) => post.scopeId))],
    keys: of((post) => post.key),
    jobIds: [...of((post) => post.load.jobId), ...others],
    keyHashes: of((post) => post.load.keyHash),
    wishJobs: [...ofJobs.map((post) => post.load.jobId), ...others],
    wishOrdinals: [
      ...ofJobs.map((post) => (post.load.allSteps === true ? ALL_STEPS : (post.load.ordinal ?? null))),
      ...others.map(() => ALL_STEPS),
    ],
    sources: posts.flatMap((post) => post.load.sources ?? []),
    counterIds: posts.flatMap((post) => post.load.counterIds ?? []),
    lotIds: posts.flatMap((post) => post.load.lotIds ?? []),
    endedScopes: of((post) => (post.load.endedLots === true ? post.scopeId : undefined)),
    refScopes: refs.map((ref) => ref.scopeId),
    refKinds: refs.map((ref) => ref.kind),
    refSubjects: refs.map((ref) => ref.subject),
    refUsuals: refs.map((ref) => ref.usual ?? null),
    refJobs: of((post) => (post.load.limits === 'ofHold' ? post.load.jobId : undefined)),
    dayScopes: of((post) => (post.load.dailyLot === true ? post.scopeId : undefined)),
    windowJobs: windows.map((post) => post.load.jobId),
    windowScopes: windows.map((post) => post.scopeId),
    windowAccounts: windows.map((post) => post.accountId),
    windowFrom: windows.map(() => firstIdAfter('job', Date.now() - REFUND_WINDOW_DAYS * 86_400_000)),
  };
}

async function ask(tx: Transaction, given: LoadValues): Promise<LoadRow> {
  const isAsked = (...values: LoadValue[]): boolean => values.some((value) => given[value].length > 0);
  const { name, text, values } = loadStatement({
    scopes: isAsked('scopeIds'),
    jobs: isAsked('jobIds', 'keyHashes'),
    limits: isAsked('refScopes', 'refJobs'),
    namedLots: isAsked('sources', 'lotIds', 'endedScopes', 'dayScopes'),
    window: isAsked('windowJobs'),
  });
  const rows = await tx.query<LoadRow>({ name, text, values: values.map((value) => given[value]) });
  const row = rows[0];
  if (row === undefined) throw new Error('the ground of a group is always one row');
  return row;
}

function groundOf(row: LoadRow): GroupGround {
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
  const lot = withAmounts<Lot & { openedSeq: unknown }>(json, ['granted', 'open', 'held', 'lapsed']);
  return { ...lot, openedSeq: BigInt(String(lot.openedSeq)) };
}
