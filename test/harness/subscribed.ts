// Test harness. A subscription on the real server: opened, asked, moved ahead in time, and what it left in the ledger.
import type {
  AskedSubscriptionPayment,
  SubscriptionAsker,
  SubscriptionInput,
  SubscriptionPaymentActivities,
  SubscriptionPaymentAnswer,
  SubscriptionPaymentInput,
  SubscriptionTold,
  WireRefusal,
  WireSubscription,
} from '@fairmeter/contracts';
import {
  ACCOUNT_SUBSCRIPTION_WORKFLOW,
  cancelPlanUpdate,
  changePlanUpdate,
  closeSignal,
  END_USER_SUBSCRIPTION_WORKFLOW,
  BACKGROUND_QUEUE,
  paymentSignal,
  standingUpdate,
  subscriptionWorkflowId,
  undoPlanUpdate,
  unpackRefusal,
  unpackSubscription,
  zoneUpdate,
} from '@fairmeter/contracts';
import type { Refusal, Subscription, SubscriptionSubject } from '@fairmeter/domain';
import { accountScope, endUserScope, formatCredits, parseMicroCredits } from '@fairmeter/domain';
import { readSubscription } from '@fairmeter/records';
import { WithStartWorkflowOperation, WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { TestStack } from './test-stack.js';
import { skipWorkflow, workflowClock, type Skip } from './time-skip.js';

const BY_OWNER: SubscriptionAsker = { actor: { role: 'owner', id: 'usr_owner' }, requestId: 'req_test' };

/** A lot as it was granted: `2027-01-31T08:30 300.000000`, with its end where a test asks for it. */
export interface PeriodLotRow {
  readonly source: string;
  readonly granted: string;
  readonly open: string;
  readonly validFrom: string;
  readonly expiresAt: string;
}

export class Subscribed {
  readonly workflowId: string;

  constructor(
    private readonly stack: TestStack,
    readonly subject: SubscriptionSubject,
    private readonly first: Pick<SubscriptionInput, 'zone' | 'planId'> = { zone: 'UTC', planId: 'plan_free' },
  ) {
    this.workflowId = subscriptionWorkflowId(subject);
  }

  get workflow(): string {
    return this.subject.kind === 'account' ? ACCOUNT_SUBSCRIPTION_WORKFLOW : END_USER_SUBSCRIPTION_WORKFLOW;
  }

  get scopeId(): string {
    const { subject } = this;
    return subject.kind === 'account'
      ? accountScope(subject.accountId)
      : endUserScope(subject.botId, subject.visitorId);
  }

  get handle(): WorkflowHandle {
    return this.stack.temporal.client.workflow.getHandle(this.workflowId);
  }

  /** As the API does it; under another id it is a twin. */
  async open(workflowId = this.workflowId): Promise<SubscriptionTold> {
    const input: SubscriptionInput = { subject: this.subject, ...this.first };
    return this.stack.temporal.client.workflow.executeUpdateWithStart(standingUpdate, {
      startWorkflowOperation: new WithStartWorkflowOperation(this.workflow, {
        workflowId,
        taskQueue: BACKGROUND_QUEUE,
        workflowIdConflictPolicy: 'USE_EXISTING',
        args: [input],
      }),
    });
  }

  async change(planId: string, previewedPeriod?: number | null): Promise<SubscriptionTold> {
    const previewed = previewedPeriod === undefined ? {} : { previewedPeriod };
    return this.handle.executeUpdate(changePlanUpdate, { args: [{ planId, ...previewed, ...BY_OWNER }] });
  }

  async cancel(): Promise<SubscriptionTold> {
    return this.handle.executeUpdate(cancelPlanUpdate, { args: [BY_OWNER] });
  }

  async undo(): Promise<SubscriptionTold> {
    return this.handle.executeUpdate(undoPlanUpdate, { args: [BY_OWNER] });
  }

  async moveTo(zone: string): Promise<SubscriptionTold> {
    return this.handle.executeUpdate(zoneUpdate, { args: [{ zone, ...BY_OWNER }] });
  }

  async hear(key: string, paid: boolean): Promise<void> {
    await this.handle.signal(paymentSignal, { key, paid });
  }

  async close(): Promise<void> {
    await this.handle.signal(closeSignal);
    await this.handle.result();
  }

  async skip(skip: Skip): Promise<void> {
    await skipWorkflow(this.stack, this.workflowId, skip);
  }

  async now(): Promise<number> {
    return workflowClock(this.stack, this.workflowId);
  }

  /** As it is remembered after its last step. */
  async remembered(): Promise<Subscription> {
    const stored = await readSubscription(this.stack.entities.manager, this.subject);
    if (stored === null) throw new Error(`${this.workflowId} is not remembered`);
    return unpackSubscription(stored.written as WireSubscription);
  }

  /** Of its periods, by their start; those that were taken back only where they are asked for. */
  async lots({ takenBack = false } = {}): Promise<readonly PeriodLotRow[]> {
    const rows = await this.stack.entities.manager.query<
      { source_ref: string; granted: string; open: string; valid_from: Date; expires_at: Date }[]
    >(
      `SELECT source_ref, granted::text, open::text, valid_from, expires_at FROM ledger.lots
       WHERE scope_id = $1 AND kind IN ('subscription', 'eu_allowance') AND ($2 OR NOT clawed_back)
       ORDER BY valid_from, opened_seq`,
      [this.scopeId, takenBack],
    );
    return rows.map((row) => ({
      source: row.source_ref,
      granted: formatCredits(parseMicroCredits(row.granted)),
      open: formatCredits(parseMicroCredits(row.open)),
      validFrom: row.valid_from.toISOString(),
      expiresAt: row.expires_at.toISOString(),
    }));
  }

  /** Each lot as the minute it begins and what it was granted. */
  async table(): Promise<readonly (readonly [string, string])[]> {
    return (await this.lots()).map(({ validFrom, granted }) => [validFrom.slice(0, 16), granted] as const);
  }

  /** Of the ledger's outbox, without what only says that a period began. */
  async news(): Promise<readonly string[]> {
    const rows = await this.stack.entities.manager.query<{ news: string }[]>(
      `SELECT payload ->> 'news' AS news FROM ledger.outbox
       WHERE scope_id = $1 AND type = 'subscription.changed' ORDER BY scope_seq`,
      [this.scopeId],
    );
    return rows.map(({ news }) => news).filter((news) => news !== 'period_began');
  }

  async account(): Promise<{ readonly plan: string; readonly version: number; readonly status: string }> {
    const [row] = await this.stack.entities.manager.query<{ plan: string; version: number; status: string }[]>(
      'SELECT plan_id AS plan, plan_version AS version, status FROM records.accounts WHERE id = $1',
      [this.subject.accountId],
    );
    if (row === undefined) throw new Error('there is no such account');
    return row;
  }
}

/** Why a wish was refused, as its caller finds it. */
export async function refusalOf(wish: Promise<unknown>): Promise<Refusal> {
  try {
    await wish;
  } catch (error) {
    const cause = error instanceof WorkflowUpdateFailedError ? error.cause : error;
    if (cause instanceof ApplicationFailure) return unpackRefusal(cause.details?.[0] as WireRefusal);
    throw error;
  }
  throw new Error('it was not refused');
}

/** Whoever takes the money: strict about what it was asked for, and paying as a test says. */
export class ScriptedPayments implements SubscriptionPaymentActivities {
  readonly asked: AskedSubscriptionPayment[] = [];
  readonly dropped: string[] = [];
  /** By hand: it stays open until a test signals what became of it. */
  pays: 'at_once' | 'by_hand' | 'never' = 'at_once';
  private readonly answers = new Map<string, SubscriptionPaymentAnswer>();

  async askSubscriptionPayment(asked: AskedSubscriptionPayment): Promise<SubscriptionPaymentAnswer> {
    const before = this.answers.get(asked.key);
    if (before !== undefined) return before;
    this.asked.push(asked);
    const state = this.pays === 'at_once' ? 'paid' : this.pays === 'never' ? 'failed' : 'open';
    const answer = { state, checkoutUrl: null } as const;
    this.answers.set(asked.key, answer);
    return answer;
  }

  async dropSubscriptionPayment({ key }: SubscriptionPaymentInput): Promise<void> {
    if (!this.answers.has(key)) throw new Error(`never asked for ${key}`);
    this.dropped.push(key);
  }

  /** The one that is open now. */
  get open(): string {
    const key = this.asked.at(-1)?.key;
    if (key === undefined) throw new Error('nothing was asked for');
    return key;
  }
}
