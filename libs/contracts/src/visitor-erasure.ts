// Contracts room. The deletion of a visitor: its jobs end, its words and files go, its units end, its figures stay
// under an id that leads to nobody. Ids alone cross Temporal: what is to be forgotten must not be written into a
// history.
import { defineUpdate } from '@temporalio/workflow';

export const VISITOR_ERASURE_WORKFLOW = 'visitorErasure';

/** One visitor is deleted once, whoever asks and however often. */
export function visitorErasureWorkflowId(visitorId: string): string {
  return `erase/${visitorId}`;
}

export interface ErasureInput {
  readonly visitorId: string;
  readonly accountId: string;
  readonly botId: string;
  /** Who asked, as the audit names it. */
  readonly actor: { readonly role: string; readonly id: string };
  readonly requestId: string;
}

export interface ErasureAnswer {
  readonly state: 'erased';
}

/** Answers once nothing of the visitor's words is left. */
export const erasedUpdate = defineUpdate<ErasureAnswer>('erased');

export interface OpenWork {
  /** Workflows of jobs that have not ended. */
  readonly workflowIds: readonly string[];
}

export interface EndedOrders {
  /** What the visitor has ordered and not paid. */
  readonly purchaseIds: readonly string[];
}

/** Each a short idempotent transaction. */
export interface ErasureActivities {
  /**
   * From then on no token of the visitor is heard and no order is to be paid; the line of the audit is written with it.
   */
  markVisitorDeleted(input: ErasureInput): Promise<EndedOrders>;
  openWorkOfVisitor(input: ErasureInput): Promise<OpenWork>;
  /** `pass` makes each of several endings one. */
  endUnitsOfVisitor(input: ErasureInput & { readonly pass: number; readonly asOf: number }): Promise<void>;
  /** Some at a time; false once nothing is left. */
  eraseWordsOfVisitor(input: ErasureInput): Promise<boolean>;
}
