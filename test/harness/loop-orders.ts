// Test harness. Loops as a detector would have found them, and steps of tools, as orders to the ledger.
import type {
  BeginStepOrder,
  EndStepOrder,
  LoopFinding,
  LoopRemedy,
  NoteLoopOrder,
  StepPrice,
  TokenMeters,
} from '@fairmeter/domain';
import { creditsOf, unitPriceFor, use } from './orders.js';

export interface FindingWish {
  readonly jobId: string;
  readonly ordinals: readonly number[];
  readonly remedy: LoopRemedy;
}

/** All named steps but the honest first one are its repeats. */
export function findingOf({ jobId, ordinals, remedy }: FindingWish): LoopFinding {
  const steps = ordinals.map((ordinal) => ({ jobId, ordinal }));
  const [first = { jobId, ordinal: 1 }, ...repeats] = steps;
  return {
    signal: 'equal_errors',
    foundAt: steps.at(-1) ?? first,
    stream: null,
    steps,
    firstHonestStep: first,
    threshold: 3,
    period: null,
    subject: 'check',
    fingerprint: 'e0a64383da5d',
    cause: remedy === 'offer_review' ? 'user_fault' : 'platform_fault',
    confidence: 'high',
    remedy,
    payers: [],
    repeats,
    refundableSteps: remedy === 'refund' ? repeats : [],
  };
}

/** A small cap in credits alone, so that some findings pass it. */
export function noteOrder(number: number, wish: FindingWish): Omit<NoteLoopOrder, 'compensationFor'> {
  return { number, finding: findingOf(wish), cap: { percentOfCharges: 0n, atLeast: creditsOf('4') } };
}

const BY_UNITS: StepPrice = { pricedBy: 'units', price: unitPriceFor() };

/** The third step of each job is one of a tool of ours. */
const isOfTool = (ordinal: number): boolean => ordinal === 3;

export function beginOfStep(ordinal: number): Partial<BeginStepOrder> {
  return isOfTool(ordinal) ? { stage: 'check', kind: 'tool_call', price: BY_UNITS, inputMessages: 0 } : {};
}

/** What our own tool told of the files; now and then it crashes, and its step ends uncharged. */
export function endOfStep(
  ordinal: number,
  used: Pick<TokenMeters, 'input' | 'output' | 'reasoning'>,
): Partial<EndStepOrder> {
  if (!isOfTool(ordinal)) return { meters: use(used) };
  const crashed = used.reasoning > 30;
  return {
    price: BY_UNITS,
    meters: use({ calls: 1, milliseconds: used.input, bytes: used.output }),
    providerRequestId: null,
    report: { tree: 'a tree', seen: { kind: 'check', name: 'check', green: !crashed } },
    ...(crashed
      ? { chargeClass: 'platform_fault', fault: 'tool_crashed', verdict: 'changes_requested' }
      : { verdict: 'approved' }),
  };
}
