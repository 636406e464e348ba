// Domain room. How a charge is shown where one decimal will do (requirements 2.3): rounded half up, once, from the
// exact amount. Shown values need not add up to a shown total; the exact ones beside them do (edge 45).
import { halfUpDiv } from '../amounts/division.js';
import type { MicroCredits } from '../amounts/micro-credits.js';

const MICRO_CREDITS_PER_TENTH = 100_000n;

export function showCharge(amount: MicroCredits): string {
  const tenths = halfUpDiv(amount < 0n ? -amount : amount, MICRO_CREDITS_PER_TENTH);
  const sign = amount < 0n && tenths > 0n ? '-' : '';
  return `${sign}${tenths / 10n}.${tenths % 10n}`;
}
