// Domain room. Whose credits may pay for what (requirements 2.2). The order among lots is one for all; what differs is
// which kinds may be drawn at all. There is no fallback from one payer to another.
import type { LotKind } from './lot.js';

export const FUNDINGS = ['owner', 'training', 'free_visitor', 'campaign', 'end_user', 'business_direct'] as const;
export type Funding = (typeof FUNDINGS)[number];

export interface Payer {
  readonly funding: Funding;
  /** The owner's word that free visitors and campaigns may also eat bonus credits. */
  readonly publicMayUseBonus: boolean;
}

export const OWNER: Payer = Object.freeze({ funding: 'owner', publicMayUseBonus: false });

const BONUS: readonly LotKind[] = ['bonus_admin', 'bonus_promo', 'bonus_community', 'compensation', 'bundle'];

const MAY_PAY: Readonly<Record<Funding, readonly LotKind[]>> = {
  owner: ['daily', 'subscription', ...BONUS],
  training: ['subscription', ...BONUS],
  free_visitor: ['subscription'],
  campaign: ['subscription'],
  end_user: ['eu_allowance', 'eu_pack', 'compensation'],
  business_direct: ['subscription', ...BONUS],
};

export function mayPay(payer: Payer, kind: LotKind): boolean {
  if (MAY_PAY[payer.funding].includes(kind)) return true;
  const isPublic = payer.funding === 'free_visitor' || payer.funding === 'campaign';
  return isPublic && payer.publicMayUseBonus && BONUS.includes(kind);
}
