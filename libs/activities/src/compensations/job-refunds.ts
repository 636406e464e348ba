// Activities room. A refund that people decided, of one job: for compensations and for reviews. What is left of the
// steps is found under the lock of the scope that paid, whichever lane came first.
import type { JobRefund, JobRefundOrder } from '@fairmeter/contracts';
import { decidedRefundKey, instant, invariant } from '@fairmeter/domain';
import type { JobLedger } from '@fairmeter/ledger';
import type { RefundableView } from '@fairmeter/ledger/reads';
import { unlessBusy } from '../ask-again.js';

export async function refundDecided(
  jobs: JobLedger,
  { job, steps }: RefundableView,
  order: JobRefundOrder,
): Promise<JobRefund> {
  const { id: jobId, accountId, scopeId } = job;
  const ordinals = order.steps === 'all' ? steps.map(({ ordinal }) => ordinal) : order.steps;
  const refunded = await unlessBusy(
    jobs.refundSteps({ jobId, accountId, scopeId }, decidedRefundKey(order), {
      asOf: instant(order.asOf),
      ordinals,
      form: order.form,
    }),
  );
  if (!refunded.ok) {
    const { code } = refunded.refusal;
    invariant(code === 'nothing_refundable', 'refund.at-most-charged', `refunding ${jobId} answered ${code}`);
    return { outcome: 'nothing_refundable' };
  }
  const { amount, toLots } = refunded.value.result;
  return {
    outcome: 'refunded',
    refundedMicroCredits: amount,
    lots: toLots.map((lot) => ({ lotId: lot.lotId, amountMicroCredits: lot.amount })),
  };
}
