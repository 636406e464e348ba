// Simulation. One payer's ledger in memory: the operations that stand in the tables, played again one by one by the
// pure decisions over whole maps. What comes out is what the tables must hold.
import type {
  DailyTerms,
  Entry,
  GrantResult,
  Instant,
  JobPosting,
  LimitChange,
  Outcome,
  RefundOrder,
  ScopeChanges,
} from '@fairmeter/domain';
import { noteLoop, refundJob, refundSteps } from '@fairmeter/domain';
import { MemoryLedger } from '../../harness/memory-ledger.js';
import { asOfOf, type LedgerRequest } from './request.js';

/** An operation as the table has it. */
export interface StandingOperation {
  readonly key: string;
  readonly result: object;
  readonly at: Instant;
  /** Of its entries, in order. */
  readonly lots: readonly (string | null)[];
}

/** A row that is only ever appended, with what wrote it. */
type Written<T> = T & { readonly operationKey: string; readonly at: Instant };

type GivingBack = Extract<LedgerRequest, { verb: 'refund' | 'refundSteps' | 'note' }>;
type Compensation = RefundOrder['compensation'];

export class ReplayedScope {
  readonly ledger: MemoryLedger;
  /** Of the operations, in the order of the ledger's postings. */
  private readonly keys: string[] = [];

  constructor(readonly scopeId: string) {
    this.ledger = new MemoryLedger('', scopeId);
  }

  get entries(): Written<Entry>[] {
    return this.written((changes) => changes.entries);
  }

  get terms(): Written<DailyTerms>[] {
    return this.written((changes) => changes.terms.rows);
  }

  get limits(): Written<LimitChange>[] {
    return this.written((changes) => changes.terms.limits);
  }

  /** Answers what the rules say to it now, and goes on from there. */
  play(request: LedgerRequest, operation: StandingOperation): object {
    const { at, key } = operation;
    if (at < this.ledger.lastEffectiveAt || at < asOfOf(request)) throw new Error(`${key} runs back in time`);
    const played = this.perform(request, operation);
    if (!played.ok) throw new Error(`${key} stands but is refused: ${played.refusal.code}`);
    this.keys.push(key);
    return played.value;
  }

  private written<T extends object>(rowsOf: (changes: ScopeChanges) => readonly T[]): Written<T>[] {
    return this.ledger.postings.flatMap(({ posting, at }, index) =>
      rowsOf(posting.changes).map((row) => ({ ...row, operationKey: this.keys[index] ?? '', at })),
    );
  }

  private perform(request: LedgerRequest, operation: StandingOperation): Outcome<object> {
    const { ledger } = this;
    const { at } = operation;
    switch (request.verb) {
      case 'grant':
        // The id of a lot is the one thing that no rule says.
        return ledger.grant(at, { ...request.order, lotId: (operation.result as GrantResult).lotId });
      case 'expire':
        return ledger.expire(at);
      case 'clawBack':
        return ledger.clawBack(at, request.lotId);
      case 'growLot':
        return ledger.growLot(at, request.order);
      case 'endLot':
        return ledger.endLot(at, request.lot);
      case 'takeBackLot':
        return ledger.takeBackLot(at, request.lot);
      case 'setTerms':
        return ledger.setTerms(at, request.post.order);
      case 'setLimits':
        return ledger.setLimits(at, request.post.order);
      case 'admit':
        return ledger.admit(at, request.order);
      case 'begin':
        return ledger.begin(request.post.payer.jobId, at, request.post.order);
      case 'end':
        return ledger.end(request.post.payer.jobId, at, request.post.order);
      case 'fail':
        return ledger.fail(request.post.payer.jobId, at, request.post.order);
      case 'settle':
        return ledger.settle(request.payer.jobId, at, request.order);
      case 'wait':
        return ledger.wait(request.post.payer.jobId, at, request.post.order);
      case 'stop':
        return ledger.stop(request.post.payer.jobId, at, request.post.order);
      case 'budget':
        return ledger.changeBudget(request.post.payer.jobId, at, request.post.order);
      case 'refund':
      case 'refundSteps':
      case 'note':
        return ledger.post(at, () => this.givenBack(request, operation));
    }
  }

  /** Twice: the first time shows which of the written lots are new, the second one gives them their ids. */
  private givenBack(request: GivingBack, { at, lots }: StandingOperation): Outcome<JobPosting<object>> {
    const ids = { fromDailyLotId: 'new/daily', lotId: 'new/other', sourceRef: sourceRefOf(request) };
    const draft = this.giveBack(request, at, ids);
    if (!draft.ok) return draft;
    const named = (placeholder: string): string => {
      const index = draft.value.changes.entries.findIndex((entry) => entry.lotId === placeholder);
      return lots[index] ?? placeholder;
    };
    return this.giveBack(request, at, {
      ...ids,
      fromDailyLotId: named(ids.fromDailyLotId),
      lotId: named(ids.lotId),
    });
  }

  private giveBack(request: GivingBack, at: Instant, compensation: Compensation): Outcome<JobPosting<object>> {
    const { jobId } = request.payer;
    switch (request.verb) {
      case 'refund':
        return refundJob(this.ledger.refundGround(jobId, at), { ...request.wish, compensation });
      case 'refundSteps':
        return refundSteps(this.ledger.refundGround(jobId, at), { ...request.wish, compensation });
      case 'note':
        return noteLoop(this.ledger.loopGround(jobId, at), { ...request.note, compensationFor: () => compensation });
    }
  }
}

function sourceRefOf(request: GivingBack): string {
  const reference = request.verb === 'note' ? `finding/${request.note.number}` : request.refundKey;
  return `refund/${request.payer.jobId}/${reference}`;
}
