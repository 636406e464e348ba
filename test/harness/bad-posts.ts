// Test harness. Posts that no caller should send, each with the code it must be refused by, and the account they are
// sent to.
import type { GrantOrder, JobPosting, MicroCredits, Outcome, Refusal } from '@fairmeter/domain';
import { accept, accountScope, Book, capture, endHold, holdAfresh, MAX_MICRO_CREDITS } from '@fairmeter/domain';
import type { PostOutcome, RefundWish } from '@fairmeter/ledger';
import { newId } from '@fairmeter/platform/database';
import type { LedgerDatabase } from './ledger-database.js';
import {
  admitOrder,
  after,
  beginOrder,
  botTerms,
  creditsOf,
  endOrder,
  grantOrder,
  T0,
  use,
  wishFor,
} from './orders.js';

/** Lots of 100 and of 1, the second taken back; a job that runs, and one that was charged 0.6 and refunded 0.1. */
export interface Situation {
  readonly db: LedgerDatabase;
  readonly accountId: string;
  readonly lotId: string;
  readonly takenBack: string;
  readonly running: string;
  readonly ended: string;
  /** A lot of another account. */
  readonly foreign: string;
}

const FINISHED = { state: 'completed', reason: 'finished', minimumCharge: creditsOf('0.1') } as const;

function lotWith(wish: Partial<GrantOrder> = {}): Omit<GrantOrder, 'lotId'> {
  const { lotId: _, ...order } = grantOrder({ lotId: 'any', sourceRef: newId('lot'), ...wish });
  return order;
}

async function grantTo(db: LedgerDatabase, accountId: string, wish: Partial<GrantOrder> = {}): Promise<string> {
  const granted = await db.grants.grantToAccount(accountId, T0, lotWith(wish));
  if (!granted.ok) throw new Error(granted.refusal.code);
  return granted.value.result.lotId;
}

export async function startJob(db: LedgerDatabase, accountId: string): Promise<string> {
  const wish = wishFor({ maxCredits: creditsOf('5') });
  const order = admitOrder(newId('job'), { bot: botTerms({ accountId }), wish });
  const admitted = await db.jobs.admit(accountId, T0, order);
  const payer = { accountId, jobId: order.jobId };
  const begun = await db.jobs.beginStep({ payer, tryKey: 'try', asOf: T0, order: beginOrder(1) });
  if (!admitted.ok || !begun.ok) throw new Error('the job did not start');
  return order.jobId;
}

function firstRefund(lotId: string): RefundWish {
  const parts = [{ lotId, amount: creditsOf('0.1') }];
  return { asOf: T0, parts, form: 'origin_while_live', stepOrdinal: 1 };
}

export async function situation(db: LedgerDatabase): Promise<Situation> {
  const accountId = newId('acc');
  const lotId = await grantTo(db, accountId, { sourceRef: 'first' });
  const takenBack = await grantTo(db, accountId, { amount: creditsOf('1') });
  await db.grants.clawBack({ scopeId: accountScope(accountId), accountId }, T0, takenBack);
  const ended = await startJob(db, accountId);
  const payer = { accountId, jobId: ended };
  await db.jobs.endStep({ payer, tryKey: 'try', asOf: T0, order: endOrder(1, 1) });
  await db.jobs.settle(payer, T0, FINISHED);
  await db.jobs.refund(payer, 'case/first', firstRefund(lotId));
  const foreign = await grantTo(db, newId('acc'));
  return { db, accountId, lotId, takenBack, running: await startJob(db, accountId), ended, foreign };
}

const micro = (amount: bigint): MicroCredits => amount as MicroCredits;
/** Reaches the ledger at once, so that what is asked together is one group. */
export type Asked = (at: Situation) => Promise<PostOutcome<object>>;

/** A verb of a hold, posted as a job's operations are. */
function onHold(jobOf: (at: Situation) => string, verb: (book: Book, holdId: string) => Outcome<object>): Asked {
  return async (at) =>
    at.db.store.post({
      key: `${jobOf(at)}:bad:${newId('job')}`,
      verb: 'bad',
      body: {},
      scopeId: accountScope(at.accountId),
      accountId: at.accountId,
      asOf: T0,
      load: { jobId: jobOf(at) },
      decide: ({ snapshot, at: now, job }): Outcome<JobPosting<object>> => {
        const book = new Book(snapshot, now);
        const outcome = verb(book, `hld_${job?.id ?? 'unknown'}`);
        if (!outcome.ok) return outcome;
        return accept({ result: {}, changes: book.changes(), job, steps: [], attempts: [], events: [] });
      },
    });
}

export const grants =
  (wish: Partial<GrantOrder>): Asked =>
  (at) =>
    at.db.grants.grantToAccount(at.accountId, T0, lotWith(wish));

const refunds =
  (amount: bigint, lotOf: (at: Situation) => string = (at) => at.lotId): Asked =>
  (at) =>
    at.db.jobs.refund({ accountId: at.accountId, jobId: at.ended }, newId('job'), {
      asOf: T0,
      parts: [{ lotId: lotOf(at), amount: micro(amount) }],
      form: 'origin_while_live',
      stepOrdinal: 1,
    });

const clawsBack =
  (lotOf: (at: Situation) => string): Asked =>
  (at) =>
    at.db.grants.clawBack({ scopeId: accountScope(at.accountId), accountId: at.accountId }, T0, lotOf(at));

const ended = (at: Situation): string => at.ended;
const running = (at: Situation): string => at.running;

export interface Bad {
  readonly what: string;
  readonly ask: Asked;
  readonly refusal: Partial<Refusal>;
}

const RANGE = { code: 'amount_out_of_range', field: 'amount' } as const;

export const AMOUNTS: readonly Bad[] = [
  { what: 'a grant of nothing', ask: grants({ amount: micro(0n) }), refusal: RANGE },
  { what: 'a grant below nothing', ask: grants({ amount: micro(-1n) }), refusal: RANGE },
  { what: 'a grant above 64 bits', ask: grants({ amount: micro(MAX_MICRO_CREDITS + 1n) }), refusal: RANGE },
  {
    what: 'a grant that lifts all lots above 64 bits',
    ask: grants({ amount: micro(MAX_MICRO_CREDITS) }),
    refusal: RANGE,
  },
  {
    what: 'a grant that ends when it begins',
    ask: grants({ validFrom: T0, expiresAt: T0 }),
    refusal: { ...RANGE, field: 'expires_at' },
  },
  {
    what: 'a hold below nothing',
    ask: onHold(running, (book, holdId) => holdAfresh(book, { holdId, jobId: 'job', target: micro(-1n) })),
    refusal: { ...RANGE, field: 'target' },
  },
  {
    what: 'a hold of more than there is',
    ask: onHold(running, (book, holdId) => holdAfresh(book, { holdId, jobId: 'job', target: creditsOf('1000') })),
    refusal: { code: 'credits_exhausted' },
  },
  {
    what: 'a hold of the largest amount there is',
    ask: onHold(running, (book, holdId) =>
      holdAfresh(book, { holdId, jobId: 'job', target: micro(MAX_MICRO_CREDITS) }),
    ),
    refusal: { code: 'credits_exhausted' },
  },
  {
    what: 'a capture below nothing',
    ask: onHold(running, (book, holdId) => capture(book, { holdId, amount: micro(-1n), mayOverrunBy: micro(0n) })),
    refusal: RANGE,
  },
  {
    what: 'a capture above 64 bits',
    ask: onHold(running, (book, holdId) =>
      capture(book, { holdId, amount: micro(MAX_MICRO_CREDITS + 1n), mayOverrunBy: micro(0n) }),
    ),
    refusal: RANGE,
  },
  { what: 'a refund of nothing', ask: refunds(0n), refusal: RANGE },
  { what: 'a refund below nothing', ask: refunds(-1n), refusal: RANGE },
  { what: 'a refund above 64 bits', ask: refunds(MAX_MICRO_CREDITS + 1n), refusal: RANGE },
];

export const REFERENCES: readonly Bad[] = [
  { what: 'a lot nobody knows taken back', ask: clawsBack(() => 'lot_unknown'), refusal: { code: 'lot_not_found' } },
  {
    what: 'a lot of somebody else taken back',
    ask: clawsBack((at) => at.foreign),
    refusal: { code: 'lot_not_found' },
  },
  {
    what: 'a refund to a lot nobody knows',
    ask: refunds(1n, () => 'lot_unknown'),
    refusal: { code: 'nothing_refundable' },
  },
  {
    what: 'a refund to a lot that paid nothing of it',
    ask: refunds(1n, (at) => at.takenBack),
    refusal: { code: 'nothing_refundable', refundable: micro(0n) },
  },
  {
    what: 'a refund above what was charged',
    ask: refunds(500_001n),
    refusal: { code: 'nothing_refundable', refundable: micro(500_000n) },
  },
  {
    what: 'a refund of a job nobody knows',
    ask: (at) => refunds(1n)({ ...at, ended: 'job_unknown' }),
    refusal: { code: 'job_not_found' },
  },
];

export const payerOf = ({ accountId }: Situation, jobId: string): { accountId: string; jobId: string } => ({
  accountId,
  jobId,
});

export const ENDS: readonly Bad[] = [
  {
    what: 'a second end of a hold',
    ask: onHold(ended, (book, holdId) => endHold(book, holdId, 'released')),
    refusal: { code: 'hold_ended' },
  },
  {
    what: 'a capture of a hold that has ended',
    ask: onHold(ended, (book, holdId) => capture(book, { holdId, amount: micro(1n), mayOverrunBy: micro(0n) })),
    refusal: { code: 'hold_ended' },
  },
  {
    what: 'a hold that has ended, held afresh',
    ask: onHold(ended, (book, holdId) => holdAfresh(book, { holdId, jobId: 'job', target: micro(1n) })),
    refusal: { code: 'hold_ended' },
  },
  {
    what: 'a hold nobody knows',
    ask: onHold(ended, (book) => endHold(book, 'hld_nobody', 'released')),
    refusal: { code: 'hold_not_found' },
  },
  {
    what: 'a step of a job that has ended',
    ask: (at) => at.db.jobs.beginStep({ payer: payerOf(at, at.ended), tryKey: 'late', asOf: T0, order: beginOrder(2) }),
    refusal: { code: 'job_ended' },
  },
];

export const KEYS: readonly Bad[] = [
  {
    what: 'a source granted with another amount',
    ask: grants({ sourceRef: 'first', amount: creditsOf('99') }),
    refusal: { code: 'operation_mismatch', field: 'amount' },
  },
  {
    what: 'a source granted with another end',
    ask: grants({ sourceRef: 'first', expiresAt: after(T0, 1) }),
    refusal: { code: 'operation_mismatch', field: 'expiresAt' },
  },
  {
    what: 'a job settled with another reason',
    ask: (at) => at.db.jobs.settle(payerOf(at, at.ended), T0, { ...FINISHED, reason: 'cancelled' }),
    refusal: { code: 'operation_mismatch', field: 'reason' },
  },
  {
    what: 'a step ended with other meters',
    ask: (at) => {
      const order = endOrder(1, 1, { meters: use({ input: 1 }) });
      return at.db.jobs.endStep({ payer: payerOf(at, at.ended), tryKey: 'try', asOf: T0, order });
    },
    refusal: { code: 'operation_mismatch', field: 'meters' },
  },
  {
    what: 'a case refunded in another form',
    ask: (at) =>
      at.db.jobs.refund(payerOf(at, at.ended), 'case/first', { ...firstRefund(at.lotId), form: 'compensation' }),
    refusal: { code: 'operation_mismatch', field: 'form' },
  },
];
