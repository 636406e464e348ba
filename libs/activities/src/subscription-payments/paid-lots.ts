// Activities room. What a payment of a subscription was for stands as long as the payment does: taken back with it,
// what was spent owed (edge 72), and given back where the money came back or was paid again.
import type { Instant, LotKind, MicroCredits, SubscriptionPaymentState } from '@fairmeter/domain';
import { add, effectOn, instant, invariant, subtract, ZERO } from '@fairmeter/domain';
import type { LotLedger, PostOutcome, ScopeOwner } from '@fairmeter/ledger';
import { readGranted, readLotFate } from '@fairmeter/ledger/reads';
import type { Clock } from '@fairmeter/platform';
import type { EntityManager } from '@fairmeter/platform/database';
import type { PaidLot, SubscriptionPayment } from '@fairmeter/records';
import { handOnPaidLots, lockPaymentByKey, notePaidLot, readHolderOf, readPaidLots } from '@fairmeter/records';
import { unlessBusy } from '../ask-again.js';
import { ownerOf } from '../subscriptions/subject-owner.js';

export interface PaidLotParts {
  readonly lots: LotLedger;
  readonly clock: Clock;
}

export class PaidLots {
  constructor(private readonly parts: PaidLotParts) {}

  /**
   * A lot that is granted for a payment, which may have gone back while the grant was on its way. The payment is
   * locked, as for all its news: the ledger posts by a key of its own, so that a crash between both is made up for.
   */
  async granted(tx: EntityManager, of: PaidGrant): Promise<void> {
    const payment = await lockPaymentByKey(tx, of);
    await of.grant();
    if (payment === null) return;
    await notePaidLot(tx, payment.id, of.lot);
    if (payment.state === 'returned') await this.follow(tx, payment, 'returned');
  }

  /** The payment is locked. What nobody waits for any more has had its lots taken back by its subscription. */
  async follow(tx: EntityManager, payment: SubscriptionPayment, state: SubscriptionPaymentState): Promise<void> {
    if (state !== 'paid' && state !== 'returned') return;
    if (payment.replaces !== null && state === 'paid') await handOn(tx, payment, payment.replaces);
    if (payment.replaces !== null && state === 'returned') await this.handBack(tx, payment, payment.replaces);
    const lots = await readPaidLots(tx, payment.id);
    const standing = lots.filter((lot) => lot.state !== 'replaced');
    if (standing.length === 0) return;
    const owner = await ownerOf(tx, payment.subject);
    const holder = await readHolderOf(tx, { ...payment.subject, accountId: owner.accountId });
    const of = { payment, owner, lots };
    for (const lot of standing) {
      const effect = effectOn({ given: lot.state === 'given', holder }, state === 'paid' ? 'paid' : 'reversed');
      if (effect === null) {
        // Nobody is there any more to whom what jobs held could come back.
        if (lot.state === 'due' && state === 'paid') await notePaidLot(tx, payment.id, { ...lot, state: 'taken' });
        continue;
      }
      // What was taken back before stays so: asked again, the ledger answers as it did.
      const isOurs = await this.takeBack(tx, owner, lot.sourceRef);
      const becomes = effect === 'take_back' ? 'taken' : isOurs ? await this.giveBack(tx, of, lot) : 'replaced';
      await notePaidLot(tx, payment.id, { ...lot, state: becomes });
    }
  }

  /** False where its subscription has taken it back itself, or never granted it: nothing of it was used. */
  private async takeBack(tx: EntityManager, owner: ScopeOwner, sourceRef: string): Promise<boolean> {
    const { scopeId } = owner;
    const [lot] = await readGranted(tx, { scopeIds: [scopeId], sourceRefs: [sourceRef] });
    if (lot === undefined) return false;
    const taken = await unlessBusy(this.parts.lots.clawBack(owner, this.now, lot.lotId));
    if (!taken.ok && taken.refusal.code === 'lot_taken_back') return false;
    valueOf(taken);
    return true;
  }

  /**
   * What was left is there again to its end. What was owed is paid, and what was paid of it meanwhile has no end. By
   * what became of the lot until now: a job that held some of it when it was taken back has spent that since, or let go
   * of it. What one still holds is `due`, and comes once it has ended.
   */
  private async giveBack(tx: EntityManager, of: PaidFor, lot: PaidLot): Promise<'replaced' | 'due'> {
    const fate = await readLotFate(tx, { ...lot, scopeId: of.owner.scopeId });
    invariant(fate !== null, 'operation.applied-once', `${lot.sourceRef} was taken back and is not there`);
    const { granted, held, lapsed, takenBack } = fate;
    const bought: LotKind = of.payment.subject.kind === 'account' ? 'bundle' : 'eu_pack';
    const spent = { ...lot, kind: bought, expiresAt: null, periodStart: null };
    const isLast = held === 0n;
    const owed = subtract(granted, add(held, lapsed, takenBack));
    await this.giveAgain(tx, of, { lot: { ...spent, sourceRef: `again/${lot.sourceRef}/owed` }, amount: owed, isLast });
    await this.giveAgain(tx, of, {
      lot: { ...lot, sourceRef: `again/${lot.sourceRef}/left` },
      amount: takenBack,
      isLast,
    });
    return isLast ? 'replaced' : 'due';
  }

  /** In two lots at most: one at once, one for what jobs still held then. The ledger knows what is there already. */
  private async giveAgain(tx: EntityManager, of: PaidFor, { lot, amount, isLast }: GivenAgain): Promise<void> {
    const { owner, payment, lots } = of;
    const { scopeId } = owner;
    let missing = amount;
    for (const sourceRef of isLast ? [lot.sourceRef, `${lot.sourceRef}/held`] : [lot.sourceRef]) {
      const again = { ...lot, sourceRef, state: 'given' } as const;
      const known = await readLotFate(tx, { ...again, scopeId });
      const { state: _, periodStart, ...rest } = again;
      if (known !== null) missing = subtract(missing, known.granted);
      else if (missing > 0n) {
        const order = { ...rest, amount: missing, ...(periodStart === null ? {} : { periodStart }) };
        valueOf(await unlessBusy(this.parts.lots.grant(owner, this.now, order)));
        missing = ZERO;
      } else continue;
      if (!lots.some((one) => one.sourceRef === sourceRef)) await notePaidLot(tx, payment.id, again);
    }
  }

  /** The one in whose place it was is paid: what stood by this one stands by that one. */
  private async handBack(tx: EntityManager, { id, subject }: SubscriptionPayment, replaces: string): Promise<void> {
    const before = await lockPaymentByKey(tx, { subject, key: replaces });
    if (before?.state !== 'paid') return;
    await handOnPaidLots(tx, { from: id, to: before.id, states: ['given', 'taken', 'due'] });
    await this.follow(tx, before, 'paid');
  }

  private get now(): Instant {
    return instant(this.parts.clock.now());
  }
}

export interface PaidGrant {
  readonly subject: SubscriptionPayment['subject'];
  /** Of the payment. */
  readonly key: string;
  readonly lot: PaidLot;
  readonly grant: () => Promise<void>;
}

interface PaidFor {
  readonly payment: SubscriptionPayment;
  readonly owner: ScopeOwner;
  /** All that are noted with it. */
  readonly lots: readonly PaidLot[];
}

interface GivenAgain {
  readonly lot: PaidLot;
  /** In all, whatever of it was given before. */
  readonly amount: MicroCredits;
  /** Nothing more will come. */
  readonly isLast: boolean;
}

async function handOn(tx: EntityManager, { id, subject }: SubscriptionPayment, replaces: string): Promise<void> {
  const before = await lockPaymentByKey(tx, { subject, key: replaces });
  if (before !== null) await handOnPaidLots(tx, { from: before.id, to: id, states: ['taken', 'due'] });
}

function valueOf<R>(outcome: Awaited<PostOutcome<R>>): { readonly result: R } {
  invariant(outcome.ok, 'operation.applied-once', outcome.ok ? '' : `the ledger answered ${outcome.refusal.code}`);
  return outcome.value;
}
