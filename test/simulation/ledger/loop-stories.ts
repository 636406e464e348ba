// Simulation. Loops that are written down once a job has ended, whoever they were caused by, and refunds that name
// steps: what the platform caused goes back within its cap, each step once, whichever lane asks for it.
import type { JobPayer } from '@fairmeter/ledger';
import { noteOrder } from '../../harness/loop-orders.js';
import type { Caller } from './caller.js';

/** No job of a simulation comes so far. */
const NO_STEP = 1_000;
const REMEDIES = ['refund', 'refund', 'offer_review', 'open_review', 'record'] as const;

export async function meetLoops(caller: Caller, payer: JobPayer, steps: number): Promise<void> {
  const { chance } = caller;
  if (chance.happens(35)) await noteLoop(caller, payer, steps);
  if (chance.happens(25)) await refundSteps(caller, payer, steps);
}

async function noteLoop(caller: Caller, payer: JobPayer, steps: number): Promise<void> {
  const { chance } = caller;
  const { jobId } = payer;
  const ordinals = drawOrdinals(caller, steps);
  const remedy = chance.pick(REMEDIES);
  for (const number of chance.happens(20) ? [1, 2] : [1]) {
    const note = { ...noteOrder(number, { jobId, ordinals, remedy }), asOf: caller.now() };
    await caller.ask({ verb: 'note', payer, note });
    if (!chance.happens(20)) continue;
    const other = { ...noteOrder(number, { jobId, ordinals: [...ordinals, NO_STEP], remedy }), asOf: note.asOf };
    await caller.mustRefuse({ verb: 'note', payer, note: other }, 'operation_mismatch');
  }
}

async function refundSteps(caller: Caller, payer: JobPayer, steps: number): Promise<void> {
  const { chance } = caller;
  const form = chance.pick(['origin_while_live', 'compensation'] as const);
  const wish = { asOf: caller.now(), form, ordinals: drawOrdinals(caller, steps) };
  const request = { verb: 'refundSteps', payer, refundKey: caller.newName('case'), wish } as const;
  // Steps that cost nothing, or were given back before, have nothing to give.
  const given = await caller.ask(request, ['nothing_refundable']);
  if (given === undefined || !chance.happens(25)) return;
  const other = { ...request, wish: { ...wish, ordinals: [...wish.ordinals, NO_STEP] } };
  await caller.mustRefuse(other, 'operation_mismatch');
}

function drawOrdinals({ chance }: Caller, steps: number): number[] {
  const all = Array.from({ length: Math.max(1, steps) }, (_, index) => index + 1);
  const some = all.filter(() => chance.happens(60));
  return some.length === 0 ? all : some;
}
