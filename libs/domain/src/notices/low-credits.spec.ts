// When an owner is warned: at a fifth, at a twentieth, and at nothing.
import { describe, expect, it } from '@jest/globals';
import type { MicroCredits } from '../amounts/micro-credits.js';
import { credits } from '../amounts/micro-credits.js';
import type { Lot, LotKind } from '../ledger/lot.js';
import { instant } from '../time/instant.js';
import { lowCredits } from './low-credits.js';

const NOW = instant(1_000);
const SMALLEST = (credits(1n) / 10n) as MicroCredits;

const lot = (kind: LotKind, figures: { open: bigint; held?: bigint; granted?: bigint; ended?: true }): Lot => ({
  id: `${kind}-lot`,
  kind,
  granted: credits(figures.granted ?? 100n),
  open: credits(figures.open),
  held: credits(figures.held ?? 0n),
  lapsed: credits(0n),
  validFrom: instant(0),
  expiresAt: instant(figures.ended === true ? 500 : 5_000),
  grantedUntil: null,
  periodStart: null,
  sourceRef: kind,
  openedSeq: 1n,
  clawedBack: false,
});

const warned = (...lots: readonly Lot[]): unknown => lowCredits(lots, NOW, SMALLEST)?.warning;

describe('a warning of low credits', () => {
  it('comes at 20 and at 5 in a hundred of the period, held credits counted as left', () => {
    expect(warned(lot('subscription', { open: 21n }))).toBeUndefined();
    expect(warned(lot('subscription', { open: 20n }))).toBe(20);
    expect(warned(lot('subscription', { open: 6n }))).toBe(20);
    expect(warned(lot('subscription', { open: 5n }))).toBe(5);
    expect(warned(lot('subscription', { open: 1n, held: 20n }))).toBeUndefined();
  });

  it('is of the period alone, whatever else is there, and says so with its figures', () => {
    const lots = [lot('subscription', { open: 4n }), lot('bundle', { open: 500n })];
    expect(lowCredits(lots, NOW, SMALLEST)).toEqual({
      warning: 5,
      periodStart: 0,
      periodEnd: 5_000,
      left: credits(4n),
      granted: credits(100n),
    });
    expect(warned(lot('bundle', { open: 1n }))).toBeUndefined();
  });

  it('is of zero where nothing is left that a job could begin with', () => {
    expect(warned(lot('subscription', { open: 0n }))).toBe('zero');
    expect(warned()).toBe('zero');
    expect(warned(lot('subscription', { open: 0n, ended: true }), lot('daily', { open: 0n }))).toBe('zero');
    expect(warned(lot('subscription', { open: 0n }), lot('daily', { open: 1n }))).toBe(5);
    expect(warned(lot('subscription', { open: 0n, held: 1n }))).toBe(5);
  });
});
