// Simulation. What happens to jobs: admitted, steps begun, ended, failed and begun again, settled, refunded, and every
// way in which a worker or a client may come too late or once too often.
import {
  FUNDINGS,
  instant,
  MODEL_STAGES,
  type AdmitResult,
  type BeginStepResult,
  type FailureCode,
  type MicroCredits,
  type Payer,
  type SettleOrder,
} from '@fairmeter/domain';
import type { JobPayer } from '@fairmeter/ledger';
import {
  admitOrder,
  beginOrder,
  botTerms,
  creditsOf,
  endOrder,
  failOrder,
  use,
  wishFor,
} from '../../harness/orders.js';
import { beginOfStep, endOfStep } from '../../harness/loop-orders.js';
import type { Caller } from './caller.js';
import { changeBudget, pauseJob, stopStep, type EndedStep } from './control-stories.js';
import { meetLoops } from './loop-stories.js';
import type { LedgerRequest } from './request.js';
import { drawLimitRefs } from './terms-stories.js';

type AdmitRequest = Extract<LedgerRequest, { verb: 'admit' }>;

/** What of a job was captured on which lot and not given back yet. */
export type ReadRefundable = (jobId: string) => Promise<readonly { lotId: string; amount: MicroCredits }[]>;

export interface OpenJob {
  readonly payer: JobPayer;
  readonly nextStep: number;
}

const NO_CREDITS: readonly FailureCode[] = [
  'credits_exhausted',
  'debt_outstanding',
  'spend_limit_reached',
  'member_limit_reached',
  'campaign_limit_reached',
  'free_usage_exhausted',
];

/** Runs a job to its end, or leaves it open for somebody else. */
export async function runJob(caller: Caller, readRefundable: ReadRefundable): Promise<OpenJob | undefined> {
  const { chance } = caller;
  const request = admitRequest(caller);
  if (chance.happens(5)) await askToAdmitTheImpossible(caller, request);
  const admitted = await caller.ask<AdmitResult>(request, NO_CREDITS);
  if (admitted === undefined) return undefined;
  await meetAgain(caller, request);
  const { accountId, scopeId } = caller.owner;
  const payer = { accountId, scopeId, jobId: request.order.jobId };
  const steps = chance.whole(0, 4);
  for (let ordinal = 1; ordinal <= steps; ordinal++) if (!(await runStep(caller, payer, ordinal))) break;
  if (chance.happens(20)) return { payer, nextStep: steps + 1 };
  await endJob(caller, { payer, nextStep: steps + 1 }, readRefundable);
  return undefined;
}

function admitRequest(caller: Caller): AdmitRequest {
  const { accountId, scopeId } = caller.owner;
  const maxCredits = caller.chance.big(2_000_000n, 30_000_000n) as MicroCredits;
  const order = admitOrder(caller.newName('job'), {
    bot: botTerms({ accountId }),
    wish: wishFor({ maxCredits }),
    limitRefs: drawLimitRefs(caller.chance),
    scopeId,
    ...(caller.chance.happens(35) ? { payer: drawPayer(caller) } : usualPayer(scopeId)),
  });
  return { verb: 'admit', accountId, asOf: caller.now(), order };
}

/** An end user's own credits are drawn by nobody else's rule. */
function usualPayer(scopeId: string): { readonly payer?: Payer } {
  return scopeId.startsWith('end_user/') ? { payer: { funding: 'end_user', publicMayUseBonus: false } } : {};
}

function drawPayer({ chance }: Caller): Payer {
  return { funding: chance.pick(FUNDINGS), publicMayUseBonus: chance.happens(50) };
}

async function askToAdmitTheImpossible(caller: Caller, request: AdmitRequest): Promise<void> {
  const late = { ...request.order, runId: caller.newName('late'), admitBefore: instant(0) };
  await caller.mustRefuse({ ...request, order: late }, 'admission_expired');
  const unknown = { ...request.order, runId: caller.newName('unknown'), bot: null };
  await caller.mustRefuse({ ...request, order: unknown }, 'bot_not_found');
  const poor = { ...request.order, wish: wishFor({ maxCredits: creditsOf('0.01') }), runId: caller.newName('poor') };
  await caller.mustRefuse({ ...request, order: poor }, 'budget_below_minimum');
}

/** The same request by another run, and another request under the same key. */
async function meetAgain(caller: Caller, request: AdmitRequest): Promise<void> {
  if (!caller.chance.happens(20)) return;
  const { order } = request;
  await caller.ask({ ...request, order: { ...order, runId: caller.newName('run') } });
  const other = { ...order, bodyHash: 'another body' };
  await caller.mustRefuse({ ...request, order: other }, 'operation_mismatch');
  await caller.mustRefuse({ ...request, order: { ...other, runId: caller.newName('run') } }, 'idempotency_mismatch');
}

/** False where the job cannot go on. */
async function runStep(caller: Caller, payer: JobPayer, ordinal: number): Promise<boolean> {
  const { chance } = caller;
  const order = beginOrder(ordinal, {
    stage: chance.pick(MODEL_STAGES),
    iteration: chance.whole(1, 3),
    inputBytes: chance.whole(0, 4_000),
    ...beginOfStep(ordinal),
  });
  await changeBudget(caller, payer);
  const begin = async (): Promise<number | undefined> => {
    const post = { payer, tryKey: caller.newName('try'), asOf: caller.now(), order };
    const begun = await caller.ask<BeginStepResult>({ verb: 'begin', post }, [...NO_CREDITS, 'budget_too_small']);
    if (begun === undefined) await pauseJob(caller, payer, ordinal);
    if (begun?.outcome !== 'begun') return undefined;
    if (chance.happens(8)) {
      const other = { ...order, iteration: order.iteration + 1 };
      await caller.mustRefuse({ verb: 'begin', post: { ...post, order: other } }, 'operation_mismatch');
    }
    return begun.attempt;
  };
  let attempt = await begin();
  if (attempt === undefined) return false;
  if (chance.happens(20)) {
    const fails = failOrder(ordinal, attempt);
    await caller.ask({
      verb: 'fail',
      post: { payer, tryKey: caller.newName('try'), asOf: caller.now(), order: fails },
    });
    attempt = await begin();
  } else if (chance.happens(15)) {
    // Its worker was lost: the next one begins anew, and the lost one comes back with an end that is too late.
    const lost = attempt;
    attempt = await begin();
    if (attempt !== undefined) await endStep(caller, { payer, ordinal, attempt: lost });
  }
  if (attempt === undefined) return false;
  if (chance.happens(6)) return true;
  if (chance.happens(6)) {
    await stopStep(caller, { payer, ordinal, attempt });
    return false;
  }
  await endStep(caller, { payer, ordinal, attempt });
  return true;
}

async function endStep(caller: Caller, { payer, ordinal, attempt }: EndedStep): Promise<void> {
  const { chance } = caller;
  // Some use more than was ever held: the budget, or the platform, pays.
  const output = chance.whole(0, chance.happens(10) ? 40_000 : 1_500);
  const meters = use({ input: chance.whole(0, 3_000), cachedInput: chance.whole(0, 900), output, calls: 1 });
  const wish = endOfStep(ordinal, { ...meters, reasoning: chance.whole(0, 40) });
  const order = endOrder(ordinal, attempt, { meters, ...wish, ...(wish.price === undefined ? { meters } : {}) });
  const post = { payer, tryKey: caller.newName('try'), asOf: caller.now(), order };
  await caller.ask({ verb: 'end', post });
  if (!chance.happens(8)) return;
  const other = { ...order, meters: { ...order.meters, input: order.meters.input + 1 } };
  await caller.mustRefuse({ verb: 'end', post: { ...post, order: other } }, 'operation_mismatch');
}

export async function endJob(caller: Caller, { payer, nextStep }: OpenJob, read: ReadRefundable): Promise<void> {
  const { chance } = caller;
  const order = chance.pick<SettleOrder>([
    { state: 'completed', reason: 'finished', minimumCharge: creditsOf('0.1') },
    { state: 'completed_partial', reason: 'budget_reached', minimumCharge: creditsOf('0.1') },
    { state: 'failed', reason: 'provider_failed', minimumCharge: creditsOf('0') },
  ]);
  const request = { verb: 'settle', payer, asOf: caller.now(), order } as const;
  await caller.ask(request);
  if (chance.happens(15)) {
    const other = { ...order, state: 'cancelled', reason: 'cancelled' } as const;
    await caller.mustRefuse({ ...request, order: other }, 'operation_mismatch');
    const post = { payer, tryKey: caller.newName('try'), asOf: caller.now(), order: beginOrder(nextStep) };
    await caller.mustRefuse({ verb: 'begin', post }, 'job_ended');
  }
  await meetLoops(caller, payer, nextStep - 1);
  if (chance.happens(40)) await refund(caller, payer, read);
}

/** Part of what a job cost, in either form, and never more than it cost. */
async function refund(caller: Caller, payer: JobPayer, read: ReadRefundable): Promise<void> {
  const { chance } = caller;
  const form = chance.pick(['origin_while_live', 'compensation'] as const);
  const refundable = (await read(payer.jobId)).filter((part) => part.amount > 0n);
  const wish = { asOf: caller.now(), form, stepOrdinal: null };
  const first = refundable[0];
  if (first === undefined) {
    const request = {
      verb: 'refund',
      payer,
      refundKey: caller.newName('finding'),
      wish: { ...wish, parts: [] },
    } as const;
    await caller.mustRefuse(request, 'nothing_refundable');
    return;
  }
  const parts = refundable.map(({ lotId, amount }) => ({ lotId, amount: chance.big(1n, amount) as MicroCredits }));
  const request = { verb: 'refund', payer, refundKey: caller.newName('finding'), wish: { ...wish, parts } } as const;
  await caller.ask(request);
  if (!chance.happens(25)) return;
  const tooMuch = [{ lotId: first.lotId, amount: (first.amount + 1n) as MicroCredits }];
  const again = { ...request, wish: { ...wish, parts: tooMuch } };
  await caller.mustRefuse(again, 'operation_mismatch');
  await caller.mustRefuse({ ...again, refundKey: caller.newName('case') }, 'nothing_refundable');
}
