// Activities room. A refund that was under way and could not be carried out: the money is still here, and nobody knows
// where it can go. It is listed for a person, once, with a line of the audit.
import type { EntityManager } from '@fairmeter/platform/database';
import type { AuditedState } from '@fairmeter/records';
import { listDrift, writeAudit } from '@fairmeter/records';

export interface FailedRefund {
  readonly what: 'purchase' | 'subscription_payment';
  readonly id: string;
  readonly accountId: string;
  readonly refundRef: string;
  readonly paymentRef: string | null;
  /** As the audit tells them: what it was, and what it is by this. */
  readonly before: AuditedState;
  readonly after: AuditedState;
}

export async function listFailedRefund(tx: EntityManager, failed: FailedRefund): Promise<void> {
  const { what, id, accountId, refundRef, paymentRef, before, after } = failed;
  const figures = { ...after, [`${what}_id`]: id, refund_ref: refundRef, payment_ref: paymentRef };
  const found = { kind: 'refund_failed', subject: `${id}/${refundRef}`, accountId, figures } as const;
  if ((await listDrift(tx, [found])) === 0) return;
  await writeAudit(tx, {
    accountId,
    actor: { role: 'platform', id: 'payments' },
    action: `${what}.refund_failed`,
    targetId: id,
    before,
    after: { ...after, refund_ref: refundRef },
  });
}
