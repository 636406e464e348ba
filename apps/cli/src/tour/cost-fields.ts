// Tour: what it reads of a job's cost. Pure. Promises figures as the API gives them: strings stay strings.
import { list, record, shown, text, whole } from './json.js';

export interface CostStep {
  readonly step: string;
  readonly stage: string;
  /** The model that was asked, or the tool that ran. */
  readonly doneBy: string;
  readonly inputTokens: string;
  readonly outputTokens: string;
  readonly charge: string;
}

export interface CostBreakdown {
  readonly steps: readonly CostStep[];
  /** What was added to reach the smallest charge of a job, if anything. */
  readonly minimum?: string;
  readonly lots: readonly { readonly kind: string; readonly amount: string }[];
  /** Attempts that cost nothing, by their reason. */
  readonly notCharged: readonly { readonly step: string; readonly reason: string; readonly amount: string }[];
  readonly refunds: readonly Refund[];
  readonly loops: readonly LoopEvidence[];
  readonly total: string;
  /** The total without what was given back. */
  readonly net: string;
}

export interface Refund {
  readonly lane: string;
  readonly amount: string;
  /** The lots it went to, by their kind. */
  readonly to: readonly string[];
}

/** Steps by their number. */
export interface LoopEvidence {
  readonly signal: string;
  readonly subject: string;
  readonly cause: string;
  readonly action: string;
  readonly foundAtStep: string;
  readonly steps: readonly string[];
  readonly threshold: string;
  readonly fingerprint: string;
  readonly firstHonestStep: string;
  readonly refundedSteps: readonly string[];
  readonly amount: string;
}

/** The charge made anew from stored meters and the pinned card, beside what the ledger took. */
export interface CostExplanation {
  readonly matches: boolean;
  readonly recomputed: string;
  readonly charge: string;
  readonly captured: string;
}

/** The ZIP of a job, as its cost names it. */
export interface ArtefactFacts {
  readonly files: string;
  readonly bytes: string;
  readonly sha256: string;
  readonly expiresAt: string;
}

export function toCostBreakdown(body: unknown): CostBreakdown {
  const cost = record(body);
  const minimum = text(record(cost['minimum'])['amount']);
  return {
    steps: list(cost['steps']).map((one) => {
      const step = record(one);
      return {
        step: shown(step['step']),
        stage: shown(step['stage']),
        doneBy: shown(step['model'] ?? step['tool']),
        inputTokens: sumOf(step['attempts'], ['input', 'cached_input', 'cache_write']),
        outputTokens: sumOf(step['attempts'], ['output', 'reasoning']),
        charge: shown(step['charge']),
      };
    }),
    ...(minimum === undefined || /^[0.]*$/.test(minimum) ? {} : { minimum }),
    lots: list(cost['paid_from']).map((one) => ({
      kind: shown(record(one)['kind']),
      amount: shown(record(one)['amount']),
    })),
    notCharged: list(cost['not_charged']).map((one) => {
      const { step, reason, amount } = record(one);
      return { step: shown(step), reason: shown(reason), amount: shown(amount) };
    }),
    refunds: list(cost['refunds']).map((one) => {
      const { lane, amount, to_lots: lots } = record(one);
      const kinds = list(lots).map((lot) => shown(record(lot)['kind']));
      return { lane: shown(lane), amount: shown(amount), to: [...new Set(kinds)] };
    }),
    loops: list(cost['loops']).map(toLoopEvidence),
    total: shown(cost['charge']),
    net: shown(cost['net']),
  };
}

function toLoopEvidence(body: unknown): LoopEvidence {
  const loop = record(body);
  const steps = (of: unknown): string[] => list(of).map((one) => shown(record(one)['step']));
  return {
    signal: shown(loop['signal']),
    subject: shown(loop['subject']),
    cause: shown(loop['cause']),
    action: shown(loop['action']),
    foundAtStep: shown(loop['found_at_step']),
    steps: steps(loop['steps']),
    threshold: shown(loop['threshold']),
    fingerprint: shown(loop['fingerprint']),
    firstHonestStep: shown(record(loop['first_honest_step'])['step']),
    refundedSteps: steps(loop['refunded_steps']),
    amount: shown(loop['amount']),
  };
}

export function toExplanation(body: unknown): CostExplanation {
  const { matches, recomputed, charge, captured } = record(body);
  return { matches: matches === true, recomputed: shown(recomputed), charge: shown(charge), captured: shown(captured) };
}

/** Null where the job packed nothing. */
export function toArtefactFacts(cost: unknown): ArtefactFacts | null {
  const artefact = record(cost)['artefact'];
  if (artefact === null || artefact === undefined) return null;
  const { files, bytes, sha256, expires_at: expiresAt } = record(artefact);
  return { files: shown(files), bytes: shown(bytes), sha256: shown(sha256), expiresAt: shown(expiresAt) };
}

/** Tokens are counts, not money: they may be added here. Attempts that were not charged are not in the sum. */
function sumOf(attempts: unknown, pools: readonly string[]): string {
  const charged = list(attempts)
    .map(record)
    .filter((attempt) => attempt['charge_class'] !== 'platform_fault');
  const counts = charged.flatMap((attempt) => pools.map((pool) => whole(record(attempt['tokens'])[pool]) ?? 0));
  return String(counts.reduce((sum, one) => sum + one, 0));
}
