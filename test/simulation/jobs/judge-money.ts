// Simulation, jobs. What a job cost, reckoned anew from the meters of its attempts and its rate card with an arithmetic
// of its own, and held against rows and entries.
import type { PerTokenPool, PerUnit, RateCard } from '@fairmeter/domain';
import type { AttemptRow, JobRows, StepRow } from './job-rows.js';

const MILLION = 1_000_000n;
const POOLS = ['input', 'cachedInput', 'cacheWrite', 'output', 'reasoning'] as const;
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);
const halfUp = (millionths: bigint): bigint => (2n * millionths + MILLION) / (2n * MILLION);

export function moneyDifferences(rows: JobRows, card: RateCard, promised: bigint | null): string[] {
  const { job, steps, attempts, entries } = rows;
  const found: string[] = [];
  const same = (what: string, is: bigint, wanted: bigint): void => {
    if (is !== wanted) found.push(`${what} is ${is} and should be ${wanted}`);
  };
  for (const step of steps) {
    const mine = attempts.filter(({ ordinal }) => ordinal === step.ordinal);
    found.push(...stepDifferences(step, mine, { rows, card }));
  }
  const ofSteps = sum(steps.map(({ charge }) => charge));
  const isBillable = steps.some(({ chargeClass, kind }) => chargeClass === 'billable' && kind !== 'packaging');
  const topUp = isBillable && ofSteps < card.minimumCharge ? card.minimumCharge - ofSteps : 0n;
  const minimumWrittenOff = job.writtenOff - sum(steps.map(({ writtenOff }) => writtenOff));
  same('the smallest charge', job.minimumCharge, topUp - minimumWrittenOff);
  same('the charge of the job', job.charge, ofSteps + job.minimumCharge);
  const taken = entries.filter(({ to, lotId }) => to.startsWith('consumed:') && lotId !== null);
  same('what its entries took', sum(taken.map(({ amount }) => amount)), job.charge);
  const back = entries.filter(({ from }) => from.startsWith('consumed:'));
  same('what its entries gave back', sum(back.map(({ amount }) => amount)), job.refunded);
  const borne = entries.filter(({ from }) => from.startsWith('written_off'));
  same('what the platform bore', sum(borne.map(({ amount }) => amount)), job.writtenOff);
  if (job.charge > job.maxCredits) found.push(`it cost ${job.charge} of a budget of ${job.maxCredits}`);
  if (promised !== null && job.charge > promised) found.push(`it cost ${job.charge}, promised were ${promised}`);
  if (job.refunded > job.charge) found.push(`it gave back ${job.refunded} of ${job.charge}`);
  return found;
}

interface Ground {
  readonly rows: JobRows;
  readonly card: RateCard;
}

function stepDifferences(step: StepRow, attempts: readonly AttemptRow[], { rows, card }: Ground): string[] {
  const found: string[] = [];
  const here = `step ${step.ordinal}`;
  const billable = attempts.filter(({ chargeClass }) => chargeClass === 'billable');
  const [paid] = billable;
  if (billable.length > 1) found.push(`${here} has ${billable.length} billable attempts`);
  const priced = paid === undefined ? 0n : priceOf(step, paid, card);
  if (priced === null) found.push(`${here} is not on its card`);
  else if (step.charge !== priced - step.writtenOff) {
    found.push(`${here} cost ${step.charge}, its meters come to ${priced} less ${step.writtenOff}`);
  }
  const captures = rows.entries.filter(
    (entry) => entry.step === step.ordinal && entry.to.startsWith('consumed:') && entry.lotId !== null,
  );
  const operations = new Set(captures.map(({ operation }) => operation));
  if (operations.size > 1) found.push(`${here} was taken for ${operations.size} times: ${[...operations].join()}`);
  const captured = sum(captures.map(({ amount }) => amount));
  if (captured !== step.charge) found.push(`${here} cost ${step.charge}, its entries took ${captured}`);
  const shares = step.paidFrom.map(({ amount, reversed }) => [BigInt(amount), BigInt(reversed)] as const);
  const reversed = sum(shares.map(([, back]) => back));
  if (sum(shares.map(([amount]) => amount)) !== step.charge) found.push(`${here} was paid by other lots than it cost`);
  if (reversed > step.charge) found.push(`${here} gave back ${reversed} of ${step.charge}`);
  if (step.charge > 0n && step.chargeClass !== 'billable') {
    found.push(`${here} cost ${step.charge} and is ${String(step.chargeClass)}`);
  }
  return found;
}

/** Null where its card does not know what ran. */
function priceOf({ model, tool }: StepRow, used: AttemptRow, card: RateCard): bigint | null {
  if (model !== null) {
    const price = card.models.find((each) => each.model === model);
    return price === undefined ? null : halfUp(tokenMillionths(price.rates, used));
  }
  const price = card.units.find((each) => each.item === tool);
  // What a card does not name costs nothing on it.
  return price === undefined ? 0n : halfUp(unitMillionths(price.rates, used));
}

function tokenMillionths(rates: PerTokenPool<bigint>, used: AttemptRow): bigint {
  return sum(POOLS.map((pool) => rates[pool] * used[pool]));
}

function unitMillionths(rates: PerUnit<bigint>, { calls, milliseconds, bytes }: AttemptRow): bigint {
  return calls * rates.perCall * MILLION + milliseconds * rates.perSecond * 1_000n + bytes * rates.perMillionBytes;
}
