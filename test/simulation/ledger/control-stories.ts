// Simulation. What comes over a job while it runs: it pauses for credits, a step of it is stopped, its budget changes.
import type { MicroCredits } from '@fairmeter/domain';
import type { JobPayer } from '@fairmeter/ledger';
import { budgetOrder, stopOrder, use, waitOrder } from '../../harness/orders.js';
import type { Caller } from './caller.js';

export interface EndedStep {
  readonly payer: JobPayer;
  readonly ordinal: number;
  readonly attempt: number;
}

/** After a step that was refused; what it lacked may have come meanwhile. */
export async function pauseJob(caller: Caller, payer: JobPayer, ordinal: number): Promise<void> {
  const { chance } = caller;
  if (!chance.happens(50)) return;
  const order = waitOrder(ordinal, { required: chance.big(1n, 40_000_000n) as MicroCredits });
  const post = { payer, tryKey: caller.newName('try'), asOf: caller.now(), order };
  await caller.ask({ verb: 'wait', post });
  if (!chance.happens(20)) return;
  const other = { ...order, required: (order.required + 1n) as MicroCredits };
  await caller.mustRefuse({ verb: 'wait', post: { ...post, order: other } }, 'operation_mismatch');
}

/** Cut short with its job: what had come by then, at most what is held. */
export async function stopStep(caller: Caller, { payer, ordinal, attempt }: EndedStep): Promise<void> {
  const { chance } = caller;
  const meters = use({ input: chance.whole(0, 900), output: chance.whole(0, chance.happens(20) ? 30_000 : 400) });
  const order = stopOrder(ordinal, attempt, chance.happens(20) ? { meters: use({}) } : { meters });
  const post = { payer, tryKey: caller.newName('try'), asOf: caller.now(), order };
  await caller.ask({ verb: 'stop', post });
}

export async function changeBudget(caller: Caller, payer: JobPayer): Promise<void> {
  const { chance } = caller;
  if (!chance.happens(10)) return;
  const order = budgetOrder(chance.big(0n, 40_000_000n) as MicroCredits);
  const post = { payer, changeKey: caller.newName('budget'), asOf: caller.now(), order };
  await caller.ask({ verb: 'budget', post }, ['budget_below_spent', 'budget_over_limit']);
}
