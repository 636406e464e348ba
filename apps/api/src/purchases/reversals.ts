// API room. Asks the workflow to send a purchase back, for a reason that is kept, and says why where it does not.
import type { ReversalAnswer, ReversalInput } from '@fairmeter/contracts';
import { PURCHASE_REVERSAL_WORKFLOW } from '@fairmeter/contracts';
import type { ApiConfig, Clock } from '@fairmeter/platform';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { Purchase } from '@fairmeter/records';
import { saveText } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { StaffCaller } from '../callers/caller.js';
import { tenantOfStaff } from '../callers/caller.js';
import { admitForOthers } from '../callers/for-others.js';
import { hashOfAsked } from '../changes/asked-hash.js';
import { AdmissionClient, AdmissionUnknown } from '../jobs/admission-client.js';
import { ProblemError } from '../problems/problem-error.js';
import { againstTwins } from '../requests/against-twins.js';
import { API_CLOCK, API_CONFIG } from '../tokens.js';
import { hiddenOf } from '../visitors/hidden.js';
import { noSuchPurchase } from './purchase-desk.js';

export interface StaffAsk {
  readonly staff: StaffCaller;
  readonly accountId: string;
  readonly requestId: string;
}

/** A provider takes a second or two. */
const REVERSED_WITHIN_MS = 10_000;

@Injectable()
export class Reversals {
  constructor(
    private readonly database: TenantDatabase,
    private readonly temporal: AdmissionClient,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  /** Of several who ask at once, the reason of whoever is first goes into the audit. */
  async inputOf(ask: StaffAsk, purchaseId: string, reason: string): Promise<ReversalInput> {
    const { staff, accountId, requestId } = ask;
    const tenant = tenantOfStaff(staff, accountId);
    const said = hashOfAsked({ purchaseId, reason, staff: staff.userId });
    const reasonRef = `txt_r_${hiddenOf(this.config, 'reason', said)}`;
    const text = { id: reasonRef, accountId, subject: tenant.subject, purpose: 'reason', body: reason } as const;
    await againstTwins(async () =>
      this.database.asTenant(tenant, async (tx) => {
        await admitForOthers(tx, accountId, staff.userId);
        await saveText(tx, text);
      }),
    );
    return { purchaseId, accountId, actor: { id: staff.userId, role: staff.role }, reasonRef, requestId };
  }

  /** Comes back once the money has gone back or waits for a second person. */
  async begin(workflowId: string, input: ReversalInput): Promise<void> {
    const answer = await this.ask(workflowId, input);
    if (answer.outcome === 'not_found') throw noSuchPurchase();
    if (answer.outcome === 'provider_refused') throw refusedByProvider();
    if (answer.outcome === 'stands' && answer.state !== 'reversed') throw notPaid(answer.state);
  }

  private async ask(workflowId: string, input: ReversalInput): Promise<ReversalAnswer> {
    try {
      const deadline = this.clock.now() + REVERSED_WITHIN_MS;
      return await this.temporal.resultOf(PURCHASE_REVERSAL_WORKFLOW, { workflowId, input, deadline });
    } catch (error) {
      if (!(error instanceof AdmissionUnknown)) throw error;
      throw new ProblemError('service_unavailable', 'No answer came in time. Ask again: it is done once.', {
        members: { part: 'payments' },
        cause: error,
      });
    }
  }
}

export function notPaid(state: Purchase['state']): ProblemError {
  return notReversible(state, 'Only what is paid and not disputed can be sent back.');
}

export function refusedByProvider(): ProblemError {
  return notReversible('paid', 'Whoever took the payment does not send it back.');
}

function notReversible(state: Purchase['state'], detail: string): ProblemError {
  return new ProblemError('purchase_not_reversible', detail, { members: { state } });
}
