// Ledger room. The operations on lots: granted, grown, ended, taken back. Each once, by its natural key.
import type {
  ClawBackResult,
  CorrectionOrder,
  CorrectionResult,
  EndLotResult,
  EndWarningResult,
  ExpireResult,
  GrantOrder,
  GrantResult,
  GrowOrder,
  GrowResult,
  Instant,
  PeriodLotName,
} from '@fairmeter/domain';
import {
  accountScope,
  formatMicroCredits,
  instantToText,
  postClawBack,
  postCorrection,
  postEndWarning,
  postEnding,
  postExpiry,
  postGrant,
  postGrowth,
  postLotEnd,
  postTakeBack,
} from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import type { LedgerStore } from '../store/ledger-store.js';
import type { PostOutcome, StoredResult } from '../store/post.js';

/** A payer: an account, or one end user at one bot under the account that owns the bot. */
export interface ScopeOwner {
  readonly scopeId: string;
  readonly accountId: string;
}

export interface EndingOrder {
  readonly owner: ScopeOwner;
  readonly endKey: string;
  readonly asOf: Instant;
}

export interface GrowLotOrder extends GrowOrder {
  /** The caller's own name of this growth. */
  readonly growKey: string;
}

export interface CorrectLotsOrder extends CorrectionOrder {
  readonly correctionKey: string;
}

/** What an order does not say is left out: grants of before are told by the same bodies. */
function bodyOf({ amount, validFrom, expiresAt, ...order }: Omit<GrantOrder, 'lotId'>): StoredResult {
  const { periodStart, isBought = false, inPlaceOf } = order;
  return {
    amount: formatMicroCredits(amount),
    validFrom,
    expiresAt,
    ...(periodStart === undefined ? {} : { periodStart }),
    ...(isBought ? { isBought } : {}),
    ...(inPlaceOf === undefined ? {} : { inPlaceOf }),
  };
}

export class LotLedger {
  constructor(private readonly store: LedgerStore) {}

  async grantToAccount(
    accountId: string,
    asOf: Instant,
    order: Omit<GrantOrder, 'lotId'>,
  ): Promise<PostOutcome<GrantResult>> {
    return this.grant({ scopeId: accountScope(accountId), accountId }, asOf, order);
  }

  async grant(owner: ScopeOwner, asOf: Instant, order: Omit<GrantOrder, 'lotId'>): Promise<PostOutcome<GrantResult>> {
    const lotId = newId('lot');
    const { inPlaceOf } = order;
    return this.store.post<GrantResult>({
      ...owner,
      key: `${owner.scopeId}:grant:${order.kind}:${order.sourceRef}`,
      verb: 'grant',
      body: bodyOf(order),
      asOf,
      load: { openScope: true, sources: [order.sourceRef, ...(inPlaceOf === undefined ? [] : [inPlaceOf])] },
      decide: (ground) => postGrant(ground, { ...order, lotId }),
    });
  }

  /** Once per lot: whoever gave it knows when it is time. */
  async warnOfEnd(owner: ScopeOwner, asOf: Instant, lotId: string): Promise<PostOutcome<EndWarningResult>> {
    return this.store.post<EndWarningResult>({
      ...owner,
      key: `${owner.scopeId}:ending:${lotId}`,
      verb: 'warn',
      body: { lotId },
      asOf,
      load: { lotIds: [lotId] },
      decide: (ground) => postEndWarning(ground, lotId),
    });
  }

  /** More in a period's lot that has not ended, to the same end: once by its key. */
  async growLot(
    owner: ScopeOwner,
    asOf: Instant,
    { growKey, ...order }: GrowLotOrder,
  ): Promise<PostOutcome<GrowResult>> {
    const { kind, sourceRef, amount } = order;
    return this.store.post<GrowResult>({
      ...owner,
      key: `${owner.scopeId}:lot.grow:${growKey}`,
      verb: 'lot.grow',
      body: { kind, sourceRef, amount: formatMicroCredits(amount) },
      asOf,
      load: { sources: [sourceRef] },
      decide: (ground) => postGrowth(ground, order),
    });
  }

  /** What is left of a period's lot lapses now, and now is its end. Of one that is over nothing is left to end. */
  async endLot(owner: ScopeOwner, asOf: Instant, name: PeriodLotName): Promise<PostOutcome<EndLotResult>> {
    return this.store.post<EndLotResult>({
      ...owner,
      key: `${owner.scopeId}:lot.end:${name.kind}:${name.sourceRef}`,
      verb: 'lot.end',
      body: {},
      asOf,
      load: { sources: [name.sourceRef] },
      decide: (ground) => postLotEnd(ground, name),
    });
  }

  /** A lot that was posted ahead goes back before it begins. One that was never posted is as good as taken back. */
  async takeBackLot(owner: ScopeOwner, asOf: Instant, name: PeriodLotName): Promise<PostOutcome<EndLotResult>> {
    return this.store.post<EndLotResult>({
      ...owner,
      key: `${owner.scopeId}:lot.take-back:${name.kind}:${name.sourceRef}`,
      verb: 'lot.take-back',
      body: {},
      asOf,
      load: { openScope: true, sources: [name.sourceRef] },
      decide: (ground) => postTakeBack(ground, name),
    });
  }

  /** Books as lapsed what has ended by now. What is available does not change: reads compare ends by themselves. */
  async expire(owner: ScopeOwner, asOf: Instant): Promise<PostOutcome<ExpireResult>> {
    return this.store.post<ExpireResult>({
      ...owner,
      key: `${owner.scopeId}:expire:${instantToText(asOf)}`,
      verb: 'expire',
      body: {},
      asOf,
      load: { openScope: true, endedLots: true },
      decide: postExpiry,
    });
  }

  /** Everything this payer has left ends: nobody is there any more to use it. Once by its key. */
  async endAll({ owner, endKey, asOf }: EndingOrder): Promise<PostOutcome<ExpireResult>> {
    return this.store.post<ExpireResult>({
      ...owner,
      key: `${owner.scopeId}:end:${endKey}`,
      verb: 'end',
      body: {},
      asOf,
      load: { openScope: true, endedLots: true },
      decide: postEnding,
    });
  }

  /** Credits that were given by mistake, from the lots they went to; once by the caller's own name of it. */
  async correct(
    owner: ScopeOwner,
    asOf: Instant,
    { correctionKey, ...order }: CorrectLotsOrder,
  ): Promise<PostOutcome<CorrectionResult>> {
    const lots = order.lots.map(({ lotId, most }) => ({ lotId, most: formatMicroCredits(most) }));
    return this.store.post<CorrectionResult>({
      ...owner,
      key: `${owner.scopeId}:correct:${correctionKey}`,
      verb: 'correct',
      body: { lots, most: formatMicroCredits(order.most) },
      asOf,
      load: { lotIds: lots.map(({ lotId }) => lotId) },
      decide: (ground) => postCorrection(ground, order),
    });
  }

  /** After a payment was reversed: once per lot, whoever reports it and however often. */
  async clawBack(owner: ScopeOwner, asOf: Instant, lotId: string): Promise<PostOutcome<ClawBackResult>> {
    return this.store.post<ClawBackResult>({
      ...owner,
      key: `${owner.scopeId}:clawback:${lotId}`,
      verb: 'clawback',
      body: { lotId },
      asOf,
      load: { lotIds: [lotId] },
      decide: (ground) => postClawBack(ground, lotId),
    });
  }
}
