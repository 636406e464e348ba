// Domain room. A refund of a job: credits back to where they came from, and the job that says so. Every lane of refunds
// comes through here, so together they never exceed what was charged (F14).
import { add, formatCredits, formatMicroCredits } from '../amounts/micro-credits.js';
import { invariant } from '../failures/invariant.js';
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import { Book } from '../ledger/book.js';
import type { Hold } from '../ledger/hold.js';
import type { ReverseOrder } from '../ledger/lot-verbs.js';
import { reverse } from '../ledger/lot-verbs.js';
import type { ScopeSnapshot } from '../ledger/scope.js';
import type { Instant } from '../time/instant.js';
import type { JobFacts, JobPosting } from './facts.js';

export interface RefundGround {
  readonly snapshot: ScopeSnapshot;
  readonly at: Instant;
  readonly job: JobFacts | null;
  readonly hold: Hold | null;
}

export type RefundOrder = Omit<ReverseOrder, 'holdId'> & { readonly stepOrdinal: number | null };

export interface RefundResult {
  readonly amount: string;
  readonly toLots: readonly { readonly lotId: string; readonly amount: string }[];
}

export function refundJob(ground: RefundGround, order: RefundOrder): Outcome<JobPosting<RefundResult>> {
  const { job, hold, at } = ground;
  if (job === null || hold === null) return refuse({ code: 'job_not_found' });
  const book = new Book(ground.snapshot, at, { jobId: job.id, stepOrdinal: order.stepOrdinal });
  const reversed = reverse(book, { ...order, holdId: hold.id });
  if (!reversed.ok) return reversed;
  const { amount, toLots } = reversed.value;
  const refunded = add(job.refunded, amount);
  invariant(refunded <= job.charge, 'refund.at-most-charged', `${refunded} of ${job.charge} of job ${job.id}`);
  return accept({
    result: {
      amount: formatMicroCredits(amount),
      toLots: toLots.map((part) => ({ lotId: part.lotId, amount: formatMicroCredits(part.amount) })),
    },
    changes: book.changes(),
    job: { ...job, refunded },
    steps: [],
    attempts: [],
    events: [
      {
        type: 'job.refunded',
        job_id: job.id,
        amount: formatCredits(amount),
        refunded: formatCredits(refunded),
        charge: formatCredits(job.charge),
        available: formatCredits(book.availableToAll),
      },
    ],
  });
}
