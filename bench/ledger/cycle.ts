// Bench room, the ledger. What one caller does: hold, capture a part of it, release the rest; three posts, each with a
// key of its own. Both sides are given the same posts, so the same pure decisions, and write what these decided.
import type { Counter, Hold, JobFacts, LimitNow, ScopeChanges } from '@fairmeter/domain';
import {
  accept,
  accountScope,
  Book,
  capture,
  capturedOf,
  counterId,
  credits,
  endHold,
  formatMicroCredits,
  holdAfresh,
  instant,
  invariant,
  NO_EXTRAS,
  ZERO,
} from '@fairmeter/domain';
import type { LedgerStore } from '@fairmeter/ledger';
import { newId } from '@fairmeter/platform/database';

export type CyclePost = Parameters<LedgerStore['post']>[0];
export type CycleGround = Parameters<CyclePost['decide']>[0];
export type CyclePosting = Extract<ReturnType<CyclePost['decide']>, { ok: true }>['value'];
export type CycleChanges = ScopeChanges;
export type CycleCounter = Counter;

/** Something that applies a post once and answers. */
export interface PostTaker {
  post(post: CyclePost): ReturnType<LedgerStore['post']>;
}

export interface Cycle {
  readonly hold: CyclePost;
  readonly capture: CyclePost;
  readonly release: CyclePost;
}

const HELD = credits(5n);
const CAPTURED = credits(2n);
/** Rides along with every hold; wide enough to stop none. */
const LIMIT: LimitNow = {
  limit: { kind: 'spend', subject: '', period: 'total', amount: credits(1_000_000_000n) },
  periodStart: instant(0),
};

export function newCycle(accountId: string): Cycle {
  const jobId = newId('job');
  const holdId = newId('hld');
  const scopeId = accountScope(accountId);
  const post = (verb: string, body: CyclePost['body'], rest: Pick<CyclePost, 'load' | 'decide'>): CyclePost => ({
    key: `${jobId}:${verb}`,
    verb: `bench.${verb}`,
    body,
    scopeId,
    accountId,
    asOf: instant(Date.now()),
    ...rest,
  });
  return {
    hold: post(
      'hold',
      { target: HELD },
      {
        load: { counterIds: [counterId(scopeId, LIMIT)] },
        decide: (ground) => decideHold(ground, { jobId, holdId, accountId }),
      },
    ),
    capture: post('capture', { amount: CAPTURED }, { load: { jobId }, decide: decideCapture }),
    release: post('release', {}, { load: { jobId }, decide: decideRelease }),
  };
}

type Decided = ReturnType<CyclePost['decide']>;

interface HoldIds {
  readonly jobId: string;
  readonly holdId: string;
  readonly accountId: string;
}

function decideHold({ snapshot, at }: CycleGround, { jobId, holdId, accountId }: HoldIds): Decided {
  const book = new Book(snapshot, at, { jobId, stepOrdinal: null });
  const held = holdAfresh(book, { holdId, jobId, target: HELD, limits: [LIMIT] });
  if (!held.ok) return held;
  return accept({
    result: { held: formatMicroCredits(held.value.held) },
    changes: book.changes(),
    job: { ...JOB, id: jobId, scopeId: book.scopeId, accountId, keyHash: jobId.padEnd(64, '0'), createdAt: at },
    steps: [],
    attempts: [],
    events: [],
  });
}

function decideCapture({ snapshot, at, hold }: CycleGround): Decided {
  const { id, jobId } = known(hold);
  const book = new Book(snapshot, at, { jobId, stepOrdinal: null });
  const captured = capture(book, { holdId: id, amount: CAPTURED, mayOverrunBy: ZERO });
  if (!captured.ok) return captured;
  const result = { paid: formatMicroCredits(captured.value.paid) };
  return accept({ result, changes: book.changes(), job: null, steps: [], attempts: [], events: [] });
}

/** The job takes its charge when it ends, as a minimum line: it has no steps. */
function decideRelease({ snapshot, at, job, hold }: CycleGround): Decided {
  invariant(job !== null, 'hold.ends-once', 'a cycle releases what it held');
  const { id, jobId } = known(hold);
  const book = new Book(snapshot, at, { jobId, stepOrdinal: null });
  const ended = endHold(book, id, 'settled');
  if (!ended.ok) return ended;
  const charge = capturedOf(known(hold));
  return accept({
    result: { released: formatMicroCredits(ended.value.released) },
    changes: book.changes(),
    job: {
      ...job,
      state: 'completed',
      endReason: 'finished',
      charge,
      minimumCharge: charge,
      held: ZERO,
      startedAt: at,
      endedAt: at,
    },
    steps: [],
    attempts: [],
    events: [],
  });
}

function known(hold: Hold | null): Hold {
  invariant(hold !== null, 'hold.ends-once', 'a cycle captures and releases what it held');
  return hold;
}

export const ASKED_FOR_NOTHING = {
  contextRef: null,
  contextBytes: 0,
  contextTokens: 0,
  threadId: null,
  deadline: null,
  extras: NO_EXTRAS,
  reserve: 'rolling',
} as const;

/** The ledger finds a hold by the job it belongs to, so a cycle has a job row as well. */
const JOB: Omit<JobFacts, 'id' | 'scopeId' | 'accountId' | 'keyHash' | 'createdAt'> = {
  botId: 'bot_of_the_bench',
  botType: 'coding',
  program: 'review',
  bodyHash: ''.padEnd(64, '0'),
  workflowId: 'job/bench',
  runId: 'bench',
  traceParent: '',
  requestKind: 'generate',
  requesterKind: 'account',
  requesterId: null,
  funding: 'owner',
  marker: null,
  campaignId: null,
  model: 'demo-coder',
  rateCardId: 'bench',
  promptRef: 'txt_of_the_bench',
  promptBytes: 0,
  ...ASKED_FOR_NOTHING,
  state: 'running',
  endReason: null,
  maxIterations: 1,
  maxCredits: HELD,
  iteration: 0,
  stepsEnded: 0,
  billableSteps: 0,
  charge: ZERO,
  minimumCharge: ZERO,
  minimumPaidFrom: [],
  writtenOff: ZERO,
  refunded: ZERO,
  held: HELD,
  waiting: null,
  startedAt: null,
  endedAt: null,
};
