// Bench room, the ledger. Reads what a post stands on the naive way: behind the scope's lock, only what its verb needs,
// all statements on their way before the first answer.
import type { Counter, Hold, JobFacts, Lot, MicroCredits, ScopeSnapshot } from '@fairmeter/domain';
import { emptyScope, instant, latest, microCredits, ZERO } from '@fairmeter/domain';
import type { Transaction } from '@fairmeter/platform/database';
import type { CycleGround, CyclePost } from './cycle.js';
import { ASKED_FOR_NOTHING } from './cycle.js';
import * as sql from './naive-statements.js';

export interface NaiveGround extends CycleGround {
  readonly scope: ScopeRow;
  /** The operation that was posted by this key before. */
  readonly known: { readonly bodyHash: string; readonly result: object } | null;
}

interface ScopeRow {
  readonly entry_seq: bigint;
  readonly last_effective_at: Date;
  readonly debt: bigint;
  readonly terms_rows: number;
  readonly limit_rows: number;
  readonly open_jobs: number;
  readonly day_opened: Date | null;
}

interface KnownRow {
  readonly now: Date;
  readonly body_hash: string | null;
  readonly result: object | null;
}

interface LotRow {
  readonly id: string;
  readonly kind: Lot['kind'];
  readonly granted: bigint;
  readonly open: bigint;
  readonly held: bigint;
  readonly valid_from: Date;
  readonly expires_at: Date | null;
  readonly source_ref: string;
  readonly opened_seq: bigint;
  readonly clawed_back: boolean;
}

interface LineRow extends LotRow {
  readonly hold_id: string;
  readonly job_id: string;
  readonly state: Hold['state'];
  readonly funding: Hold['payer']['funding'];
  readonly public_may_use_bonus: boolean;
  readonly limit_refs: Hold['limitRefs'];
  readonly line_no: number;
  readonly line_held: bigint;
  readonly captured: bigint;
  readonly reversed: bigint;
}

interface CounterRow {
  readonly id: string;
  readonly kind: Counter['kind'];
  readonly subject: string;
  readonly period: Counter['period'];
  readonly period_start: Date;
  readonly used: bigint;
  readonly held: bigint;
}

interface PartRow extends CounterRow {
  readonly part_held: bigint;
  readonly part_used: bigint;
}

type JobRow = Readonly<Record<string, unknown>> & { readonly held: bigint; readonly max_credits: bigint };

type Found = Pick<CycleGround, 'job' | 'hold'> & Pick<ScopeSnapshot, 'lots' | 'counters'>;

export async function readGround(tx: Transaction, post: CyclePost): Promise<NaiveGround> {
  const [[scope], [known], { job, hold, lots, counters }] = await Promise.all([
    tx.query<ScopeRow>({ ...sql.LOCK, values: [post.scopeId] }),
    tx.query<KnownRow>({ ...sql.KNOWN, values: [post.key] }),
    post.load.jobId === undefined ? readForHold(tx, post) : readForJob(tx, post.load.jobId, post.verb),
  ]);
  if (scope === undefined || known === undefined) throw new Error(`${post.scopeId} was never opened`);
  const clockNow = instant(known.now.getTime());
  return {
    scope,
    snapshot: {
      ...emptyScope(post.scopeId),
      entrySeq: scope.entry_seq,
      debt: microCredits(scope.debt),
      lots,
      holds: new Map(hold === null ? [] : [[hold.id, hold]]),
      counters,
    },
    at: latest(post.asOf, clockNow, instant(scope.last_effective_at.getTime())),
    clockNow,
    openJobs: scope.open_jobs,
    visitorJobs: 0,
    others: [],
    window: { charged: ZERO, refunded: ZERO },
    job,
    hold,
    steps: [],
    attempts: [],
    known:
      known.body_hash === null || known.result === null ? null : { bodyHash: known.body_hash, result: known.result },
  };
}

async function readForHold(tx: Transaction, post: CyclePost): Promise<Found> {
  const [lots, counters] = await Promise.all([
    tx.query<LotRow>({ ...sql.LIVE_LOTS, values: [post.scopeId] }),
    tx.query<CounterRow>({ ...sql.COUNTERS, values: [post.load.counterIds ?? []] }),
  ]);
  return {
    job: null,
    hold: null,
    lots: new Map(lots.map((row) => [row.id, lotOf(row)])),
    counters: new Map(counters.map((row) => [row.id, counterOf(row)])),
  };
}

async function readForJob(tx: Transaction, jobId: string, verb: string): Promise<Found> {
  const [lines, parts, [job]] = await Promise.all([
    tx.query<LineRow>({ ...sql.HOLD, values: [jobId] }),
    tx.query<PartRow>({ ...sql.HOLD_COUNTERS, values: [jobId] }),
    // Capturing needs the hold alone.
    verb === 'bench.release' ? tx.query<JobRow>({ ...sql.JOB, values: [jobId] }) : [],
  ]);
  return {
    job: job === undefined ? null : jobOf(job),
    hold: holdOf(lines, parts),
    lots: new Map(lines.map((row) => [row.id, lotOf(row)])),
    counters: new Map(parts.map((row) => [row.id, counterOf(row)])),
  };
}

function holdOf(lines: readonly LineRow[], parts: readonly PartRow[]): Hold | null {
  const [first] = lines;
  if (first === undefined) return null;
  return {
    id: first.hold_id,
    jobId: first.job_id,
    state: first.state,
    payer: { funding: first.funding, publicMayUseBonus: first.public_may_use_bonus },
    limitRefs: first.limit_refs,
    lines: lines.map((row) => ({
      lineNo: row.line_no,
      lotId: row.id,
      held: money(row.line_held),
      captured: money(row.captured),
      reversed: money(row.reversed),
    })),
    counters: parts.map((row) => ({ counterId: row.id, held: money(row.part_held), used: money(row.part_used) })),
  };
}

function lotOf(row: LotRow): Lot {
  return {
    id: row.id,
    kind: row.kind,
    granted: money(row.granted),
    open: money(row.open),
    held: money(row.held),
    validFrom: instant(row.valid_from.getTime()),
    expiresAt: row.expires_at === null ? null : instant(row.expires_at.getTime()),
    grantedUntil: null,
    periodStart: null,
    sourceRef: row.source_ref,
    openedSeq: row.opened_seq,
    clawedBack: row.clawed_back,
    lapsed: ZERO,
  };
}

function counterOf(row: CounterRow): Counter {
  return {
    id: row.id,
    kind: row.kind,
    subject: row.subject,
    period: row.period,
    periodStart: instant(row.period_start.getTime()),
    used: money(row.used),
    held: money(row.held),
  };
}

/** As the hold left it: nothing has been charged yet. */
function jobOf(row: JobRow): JobFacts {
  const text = (column: string): string => String(row[column]);
  return {
    id: text('id'),
    scopeId: text('scope_id'),
    accountId: text('account_id'),
    botId: text('bot_id'),
    botType: text('bot_type') as JobFacts['botType'],
    program: text('program') as JobFacts['program'],
    keyHash: text('key_hash'),
    bodyHash: text('body_hash'),
    workflowId: text('workflow_id'),
    runId: text('run_id'),
    traceParent: text('trace_parent'),
    requestKind: text('request_kind') as JobFacts['requestKind'],
    requesterKind: 'account',
    requesterId: null,
    funding: 'owner',
    marker: null,
    campaignId: null,
    model: text('model'),
    rateCardId: text('rate_card_id'),
    promptRef: text('prompt_ref'),
    promptBytes: Number(row['prompt_bytes']),
    ...ASKED_FOR_NOTHING,
    state: text('state') as JobFacts['state'],
    endReason: null,
    maxIterations: Number(row['max_iterations']),
    maxCredits: money(row.max_credits),
    iteration: 0,
    stepsEnded: 0,
    billableSteps: 0,
    charge: ZERO,
    minimumCharge: ZERO,
    minimumPaidFrom: [],
    writtenOff: ZERO,
    refunded: ZERO,
    held: money(row.held),
    waiting: null,
    createdAt: instant((row['created_at'] as Date).getTime()),
    startedAt: null,
    endedAt: null,
  };
}

const money = (value: bigint): MicroCredits => microCredits(value);
