// Activities room. A purchase that staff send back: at once where one person may, else once another person of the staff
// has let it through. All of it under the lock of the purchase.
import type { BegunReversal, ReversalInput } from '@fairmeter/contracts';
import { formatCredits, instant, invariant, isSecondPerson, needsSecondPerson } from '@fairmeter/domain';
import type { Clock } from '@fairmeter/platform';
import type { EntityManager } from '@fairmeter/platform/database';
import { newId } from '@fairmeter/platform/database';
import type { OpenReversal, Purchase } from '@fairmeter/records';
import { askForReversal, decideReversal, lockOpenReversal, savePurchase, writeAudit } from '@fairmeter/records';
import type { GrantRules } from '../grants/grant.activities.js';

export class ReversalSteps {
  constructor(
    private readonly rules: Pick<GrantRules, 'alone' | 'decideMs'>,
    private readonly clock: Clock,
  ) {}

  /** Of a purchase that is paid and owes nothing back yet. */
  async begin(tx: EntityManager, purchase: Purchase, input: ReversalInput): Promise<BegunReversal> {
    const { actor, approves } = input;
    const open = await lockOpenReversal(tx, purchase.id, instant(this.clock.now()));
    if (approves !== undefined) {
      if (open?.id !== approves) return { outcome: 'decided' };
      invariant(isSecondPerson(actor, open.askedBy.id), 'reversal.second-person', `${open.id}: ${actor.id} may not`);
      await decideReversal(tx, open.id, { state: 'approved', decidedBy: actor.id });
      await owe(tx, purchase, { input, askedBy: open.askedBy });
      return { outcome: 'owed' };
    }
    if (needsSecondPerson(purchase.credits, actor.role, this.rules.alone)) {
      if (open === null) await this.ask(tx, purchase, input);
      return { outcome: 'waits' };
    }
    if (open !== null) await decideReversal(tx, open.id, { state: 'rejected', decidedBy: null });
    await owe(tx, purchase, { input, askedBy: null });
    return { outcome: 'owed' };
  }

  /** Its money has gone back, whoever sent it: nobody is asked any more. */
  async over(tx: EntityManager, purchaseId: string): Promise<void> {
    const open = await lockOpenReversal(tx, purchaseId, instant(this.clock.now()));
    if (open !== null) await decideReversal(tx, open.id, { state: 'rejected', decidedBy: null });
  }

  private async ask(tx: EntityManager, purchase: Purchase, input: ReversalInput): Promise<void> {
    const { id: purchaseId, accountId, credits, state } = purchase;
    const { actor, reasonRef, requestId } = input;
    const id = newId('rev');
    const decideUntil = instant(this.clock.now() + this.rules.decideMs);
    await askForReversal(tx, { id, purchaseId, accountId, credits, askedBy: actor, reasonRef, decideUntil });
    await writeAudit(tx, {
      accountId,
      actor,
      action: 'purchase.reversal_requested',
      targetId: purchaseId,
      before: { state },
      after: { state, reversal_id: id, credits: formatCredits(credits) },
      reason: { ref: reasonRef },
      requestId,
    });
  }
}

interface Owing {
  readonly input: ReversalInput;
  /** Null where one person was enough. */
  readonly askedBy: OpenReversal['askedBy'] | null;
}

async function owe(tx: EntityManager, purchase: Purchase, { input, askedBy }: Owing): Promise<void> {
  const { id, accountId, state, grants, price } = purchase;
  const { actor, reasonRef, requestId } = input;
  const paid = { amount_minor: price.minor.toString(), iso_4217: price.currency };
  await savePurchase(tx, id, { state, grants, paymentRef: null, owesBack: true });
  await writeAudit(tx, {
    accountId,
    actor,
    action: 'purchase.reversed',
    targetId: id,
    before: { state, ...paid },
    after: { state: 'reversed', ...paid, ...(askedBy === null ? {} : { asked_by: askedBy.id }) },
    reason: { ref: reasonRef },
    requestId,
  });
}
