// Simulation. What a caller may ask of the ledger, as plain data: it can be sent to another process, asked again by the
// same key, and played once more in memory.
import type {
  AdmitOrder,
  BeginStepOrder,
  EndCancelledOrder,
  EndStepOrder,
  FailAttemptOrder,
  GrantOrder,
  Instant,
  LimitChange,
  PeriodLotName,
  SettleOrder,
  WaitOrder,
} from '@fairmeter/domain';
import { accountScope } from '@fairmeter/domain';
import type { TermsOrder } from '@fairmeter/domain/time';
import {
  JobControlLedger,
  JobLedger,
  LedgerStore,
  LotLedger,
  TermsLedger,
  type BudgetPost,
  type GrowLotOrder,
  type JobPayer,
  type LoopNote,
  type PostOutcome,
  type RefundWish,
  type ScopeOwner,
  type StepPost,
  type StepRefundWish,
  type TermsPost,
  payingScope,
} from '@fairmeter/ledger';

/** Of a period's lot. */
export type LotEnding = 'endLot' | 'takeBackLot';

export type LedgerRequest =
  | {
      readonly verb: 'grant';
      readonly owner: ScopeOwner;
      readonly asOf: Instant;
      readonly order: Omit<GrantOrder, 'lotId'>;
    }
  | { readonly verb: 'expire'; readonly owner: ScopeOwner; readonly asOf: Instant }
  | { readonly verb: 'clawBack'; readonly owner: ScopeOwner; readonly asOf: Instant; readonly lotId: string }
  | { readonly verb: 'growLot'; readonly owner: ScopeOwner; readonly asOf: Instant; readonly order: GrowLotOrder }
  | { readonly verb: LotEnding; readonly owner: ScopeOwner; readonly asOf: Instant; readonly lot: PeriodLotName }
  | { readonly verb: 'setTerms'; readonly post: TermsPost<TermsOrder> }
  | { readonly verb: 'setLimits'; readonly post: TermsPost<readonly LimitChange[]> }
  | { readonly verb: 'admit'; readonly accountId: string; readonly asOf: Instant; readonly order: AdmitOrder }
  | { readonly verb: 'begin'; readonly post: StepPost<BeginStepOrder> }
  | { readonly verb: 'end'; readonly post: StepPost<EndStepOrder> }
  | { readonly verb: 'fail'; readonly post: StepPost<FailAttemptOrder> }
  | { readonly verb: 'wait'; readonly post: StepPost<WaitOrder> }
  | { readonly verb: 'stop'; readonly post: StepPost<EndCancelledOrder> }
  | { readonly verb: 'budget'; readonly post: BudgetPost }
  | { readonly verb: 'note'; readonly payer: JobPayer; readonly note: LoopNote }
  | {
      readonly verb: 'refundSteps';
      readonly payer: JobPayer;
      readonly refundKey: string;
      readonly wish: StepRefundWish;
    }
  | { readonly verb: 'settle'; readonly payer: JobPayer; readonly asOf: Instant; readonly order: SettleOrder }
  | { readonly verb: 'refund'; readonly payer: JobPayer; readonly refundKey: string; readonly wish: RefundWish };

export function perform(store: LedgerStore, request: LedgerRequest): Promise<PostOutcome<object>> {
  const lots = new LotLedger(store);
  const terms = new TermsLedger(store);
  const jobs = new JobLedger(store);
  const control = new JobControlLedger(store);
  switch (request.verb) {
    case 'grant':
      return lots.grant(request.owner, request.asOf, request.order);
    case 'expire':
      return lots.expire(request.owner, request.asOf);
    case 'clawBack':
      return lots.clawBack(request.owner, request.asOf, request.lotId);
    case 'growLot':
      return lots.growLot(request.owner, request.asOf, request.order);
    case 'endLot':
    case 'takeBackLot':
      return lots[request.verb](request.owner, request.asOf, request.lot);
    case 'setTerms':
      return terms.setTerms(request.post);
    case 'setLimits':
      return terms.setLimits(request.post);
    case 'admit':
      return jobs.admit(request.accountId, request.asOf, request.order);
    case 'begin':
      return jobs.beginStep(request.post);
    case 'end':
      return jobs.endStep(request.post);
    case 'fail':
      return jobs.failAttempt(request.post);
    case 'wait':
      return control.waitForCredits(request.post);
    case 'stop':
      return control.endCancelled(request.post);
    case 'budget':
      return control.changeBudget(request.post);
    case 'note':
      return jobs.noteLoop(request.payer, request.note);
    case 'refundSteps':
      return jobs.refundSteps(request.payer, request.refundKey, request.wish);
    case 'settle':
      return jobs.settle(request.payer, request.asOf, request.order);
    case 'refund':
      return jobs.refund(request.payer, request.refundKey, request.wish);
  }
}

export function asOfOf(request: LedgerRequest): Instant {
  switch (request.verb) {
    case 'setTerms':
    case 'setLimits':
    case 'begin':
    case 'end':
    case 'fail':
    case 'wait':
    case 'stop':
    case 'budget':
      return request.post.asOf;
    case 'refund':
    case 'refundSteps':
      return request.wish.asOf;
    case 'note':
      return request.note.asOf;
    case 'grant':
    case 'expire':
    case 'clawBack':
    case 'growLot':
    case 'endLot':
    case 'takeBackLot':
    case 'admit':
    case 'settle':
      return request.asOf;
  }
}

export function scopeOf(request: LedgerRequest): string {
  switch (request.verb) {
    case 'grant':
    case 'expire':
    case 'clawBack':
    case 'growLot':
    case 'endLot':
    case 'takeBackLot':
      return request.owner.scopeId;
    case 'setTerms':
    case 'setLimits':
      return request.post.owner.scopeId;
    case 'admit':
      return request.order.scopeId ?? accountScope(request.accountId);
    case 'begin':
    case 'end':
    case 'fail':
    case 'wait':
    case 'stop':
    case 'budget':
      return payingScope(request.post.payer);
    case 'settle':
    case 'refund':
    case 'refundSteps':
    case 'note':
      return payingScope(request.payer);
  }
}

/** Tells the key of a request without posting it: what was asked must be known also where no answer came. */
export class KeyBook extends LedgerStore {
  private key = '';

  override post<R extends object>(post: { readonly key: string }): Promise<PostOutcome<R>> {
    this.key = post.key;
    return new Promise(() => undefined);
  }

  keyOf(request: LedgerRequest): string {
    void perform(this, request);
    return this.key;
  }
}
