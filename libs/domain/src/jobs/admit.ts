// Domain room. The authoritative admission, decided under the scope's lock: job row, hold and run id come together.
import { formatCredits, formatMicroCredits, ZERO } from '../amounts/micro-credits.js';
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import { Book } from '../ledger/book.js';
import type { JobMarker, Requester } from '../ledger/choose-payer.js';
import { holdAfresh } from '../ledger/hold-verbs.js';
import type { Payer } from '../ledger/payer.js';
import { OWNER } from '../ledger/payer.js';
import { reachOf } from '../ledger/reach.js';
import type { ScopeSnapshot } from '../ledger/scope.js';
import type { LimitRef } from '../ledger/terms.js';
import type { Plan } from '../plans/plan.js';
import type { QuoteTerms } from '../quotes/pinned-quote.js';
import type { Instant } from '../time/instant.js';
import { instant } from '../time/instant.js';
import type { AdmissionDecision, AdmissionWish, BotTerms } from './admission.js';
import { decideAdmission, openBeside } from './admission.js';
import type { Extras } from './extras.js';
import type { JobFacts, JobPosting } from './facts.js';
import { answerOnly } from './facts.js';
import type { Program, RequestKind } from './job.js';
import { programOf } from './job.js';

export interface AdmitOrder {
  readonly jobId: string;
  readonly holdId: string;
  readonly keyHash: string;
  readonly bodyHash: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly traceParent: string;
  readonly requestKind: RequestKind;
  readonly promptRef: string;
  readonly contextRef: string | null;
  readonly threadId: string | null;
  readonly wish: AdmissionWish;
  readonly bot: BotTerms | null;
  readonly admitBefore: Instant;
  readonly byVisitor?: boolean;
  /** Of the visitor whose own credits pay. */
  readonly visitorPlan?: Plan | null;
  /** Stored with the hold at submit; there is no fallback to another payer later. */
  readonly payer?: Payer;
  /** Whose lots pay; the account's where nothing is said. */
  readonly scopeId?: string;
  readonly requester?: Requester;
  readonly marker?: JobMarker | null;
  readonly campaignId?: string | null;
  readonly limitRefs?: readonly LimitRef[];
  /** How long one pause for credits may last: a deadline that nobody asked for leaves room for it. */
  readonly waitMs?: number;
  /** Of the quote that the request names; null where there is none of that id. */
  readonly quote?: QuoteTerms | null;
}

export interface AdmitGround {
  readonly snapshot: ScopeSnapshot;
  /** The rule's time, and the clock's: a deadline is the caller's patience and follows the clock. */
  readonly at: Instant;
  readonly clockNow: Instant;
  readonly jobOfKey: JobFacts | null;
  /** Jobs of the scope that have not ended, those that were admitted a moment ago in the same commit among them. */
  readonly openJobs: number;
  /** Of those, how many visitors asked for. */
  readonly visitorJobs: number;
}

export type AdmitResult =
  | {
      readonly outcome: 'admitted';
      readonly jobId: string;
      readonly program: Program;
      readonly maxIterations: number;
      /** What its workflow watches for; all others are asked at each step of the job. */
      readonly deadline: Instant | null;
      readonly extras: Extras;
      readonly held: string;
      /** The scope that pays; absent from answers of before there was a choice: the account's. */
      readonly payer?: string;
    }
  | { readonly outcome: 'job_of_another_run'; readonly jobId: string };

export function admit(ground: AdmitGround, order: AdmitOrder): Outcome<JobPosting<AdmitResult>> {
  const known = ground.jobOfKey;
  if (known !== null) return meetKnownJob(known, order);
  if (ground.clockNow > order.admitBefore) return refuse({ code: 'admission_expired' });
  const book = new Book(ground.snapshot, ground.at, { jobId: order.jobId, stepOrdinal: null });
  const { payer = OWNER, limitRefs = [] } = order;
  const reach = reachOf(book, { before: undefined, payer, limits: book.limits(limitRefs) });
  const { clockNow: now } = ground;
  const { bot, wish, byVisitor, visitorPlan } = order;
  const openJobs = openBeside(ground, byVisitor);
  const quote = order.quote === undefined ? undefined : { terms: order.quote, at: now };
  const decided = decideAdmission({ bot, wish, reach, openJobs, now, byVisitor, visitorPlan, quote });
  if (!decided.ok) return decided;
  if (bot === null) return refuse({ code: 'bot_not_found' });
  const { holdId, jobId } = order;
  const held = holdAfresh(book, { holdId, jobId, target: decided.value.firstHold, payer, limitRefs });
  if (!held.ok) return held;
  const job = newJob(order, { bot, decided: decided.value, scopeId: book.scopeId, at: ground.at });
  return accept({
    result: admitted(job, order),
    changes: book.changes(),
    job,
    steps: [],
    attempts: [],
    events: [
      {
        type: 'job.accepted',
        job_id: job.id,
        bot_id: job.botId,
        model: job.model,
        max_iterations: job.maxIterations,
        max_credits: formatCredits(job.maxCredits),
        held: formatCredits(job.held),
      },
    ],
  });
}

interface Admitted {
  readonly bot: BotTerms;
  readonly decided: AdmissionDecision;
  readonly scopeId: string;
  readonly at: Instant;
}

function newJob(order: AdmitOrder, { bot, decided, scopeId, at }: Admitted): JobFacts {
  const { wish } = order;
  return {
    id: order.jobId,
    scopeId,
    accountId: bot.accountId,
    botId: bot.botId,
    botType: bot.type,
    program: programOf(bot, wish),
    keyHash: order.keyHash,
    bodyHash: order.bodyHash,
    workflowId: order.workflowId,
    runId: order.runId,
    traceParent: order.traceParent,
    requestKind: order.requestKind,
    requesterKind: order.requester?.kind ?? 'account',
    requesterId: order.requester?.id ?? null,
    funding: order.payer?.funding ?? OWNER.funding,
    marker: order.marker ?? null,
    campaignId: order.campaignId ?? null,
    model: decided.model,
    rateCardId: decided.rateCardId,
    promptRef: order.promptRef,
    promptBytes: wish.promptBytes,
    contextRef: order.contextRef,
    contextBytes: wish.contextBytes,
    contextTokens: wish.contextTokens,
    threadId: order.threadId,
    deadline: decided.deadline ?? instant(at + decided.lastsAtMostMs + (order.waitMs ?? 0)),
    extras: decided.extras,
    reserve: wish.reserve,
    state: 'running',
    endReason: null,
    maxIterations: decided.maxIterations,
    maxCredits: decided.maxCredits,
    iteration: 0,
    stepsEnded: 0,
    billableSteps: 0,
    charge: ZERO,
    minimumCharge: ZERO,
    minimumPaidFrom: [],
    writtenOff: ZERO,
    refunded: ZERO,
    held: decided.firstHold,
    waiting: null,
    createdAt: at,
    startedAt: null,
    endedAt: null,
  };
}

/** The key has its job already. Another body is refused; another run answers the job and must end without effect. */
function meetKnownJob(known: JobFacts, order: AdmitOrder): Outcome<JobPosting<AdmitResult>> {
  if (known.bodyHash !== order.bodyHash) return refuse({ code: 'idempotency_mismatch' });
  const result: AdmitResult =
    known.runId === order.runId ? admitted(known, order) : { outcome: 'job_of_another_run', jobId: known.id };
  return accept(answerOnly(result));
}

/**
 * A deadline that somebody named stops a step in the middle, by a timer of the job's. The plan's needs none: no step
 * begins after it. A reported job's steps are begun by its bot, so it has a timer in any case.
 */
function admitted(job: JobFacts, { wish, quote }: AdmitOrder): AdmitResult {
  const { id, program, maxIterations, extras, held, scopeId: payer } = job;
  const named = wish.deadline ?? quote?.deadline ?? null;
  const deadline = program === 'reported' ? job.deadline : named;
  const pinned = { program, maxIterations, deadline, extras };
  return { outcome: 'admitted', jobId: id, ...pinned, held: formatMicroCredits(held), payer };
}
