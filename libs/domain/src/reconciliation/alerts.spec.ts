// Goal: an alert is given exactly from its threshold on. Method: signs of a quiet platform, and one of them changed.
import { describe, expect, it } from '@jest/globals';
import { instant } from '../time/instant.js';
import type { OperatingSigns } from './alerts.js';
import { aheadForCertain, alertsOf, PASS_IS_LATE_MS, SIGN_IS_FRESH_MS } from './alerts.js';

const NOW = instant(1_000_000_000);
const WELL: OperatingSigns = {
  now: NOW,
  drift: [],
  overdueReviews: { count: 0, oldest: null },
  processes: [{ process: 'api', clockAheadMs: 0, signs: {} }],
  lastPassAt: NOW,
};
const codesOf = (signs: Partial<OperatingSigns>): string[] => alertsOf({ ...WELL, ...signs }).map(({ code }) => code);

describe('alerts', () => {
  it('are none where all is well, and where nothing was measured yet', () => {
    expect(codesOf({})).toEqual([]);
    expect(codesOf({ processes: [{ process: 'wrk', clockAheadMs: null, signs: {} }], lastPassAt: null })).toEqual([]);
  });

  it('[edge 13] tell of a clock that is more than two seconds off, to either side', () => {
    const at = (clockAheadMs: number): string[] =>
      codesOf({ processes: [{ process: 'wrk', clockAheadMs, signs: {} }] });
    expect([at(2_000), at(-2_000)]).toEqual([[], []]);
    expect([at(2_001), at(-2_001)]).toEqual([['clock_skew'], ['clock_skew']]);
  });

  it('[edge 13] take no answer that was long on its way for a clock that is off', () => {
    const ahead = (asked: number, answered: number): number => aheadForCertain(100_000, { asked, answered });
    expect([ahead(100_000, 100_000), ahead(97_000, 100_001), ahead(99_999, 103_000)]).toEqual([0, 0, 0]);
    expect([ahead(102_500, 102_510), ahead(97_490, 97_500)]).toEqual([2_500, -2_500]);
    expect([ahead(102_500, 109_000), ahead(90_000, 97_500)]).toEqual([2_500, -2_500]);
  });

  it('tell of a full ledger, large payloads and failed checks for a quarter of an hour', () => {
    const last = (agoMs: number) => {
      const seen = { count: 3, lastAt: instant(NOW - agoMs) };
      const signs = { ledger_busy: seen, payload_oversized: seen, reconcile_failed: seen };
      return [{ process: 'wrk', clockAheadMs: 0, signs }];
    };
    expect(codesOf({ processes: last(SIGN_IS_FRESH_MS - 1) })).toEqual([
      'ledger_busy',
      'payload_oversized',
      'reconcile_failed',
    ]);
    expect(codesOf({ processes: last(SIGN_IS_FRESH_MS) })).toEqual([]);
  });

  it('tell of drift by its kinds, and of stuck tasks and steps by themselves', () => {
    const drift = [
      { kind: 'attempt_unmetered', count: 2, oldest: instant(5) },
      { kind: 'hold_without_workflow', count: 1, oldest: instant(3) },
      { kind: 'workflow_tasks_stuck', count: 4, oldest: instant(9) },
      { kind: 'step_not_begun', count: 2, oldest: instant(8) },
    ] as const;
    expect(alertsOf({ ...WELL, drift })).toEqual([
      { code: 'drift_open', figure: 3, since: 3, about: ['attempt_unmetered', 'hold_without_workflow'] },
      { code: 'workflow_tasks_stuck', figure: 4, since: 9, about: ['workflow_tasks_stuck'] },
      { code: 'steps_stuck', figure: 2, since: 8, about: ['step_not_begun'] },
    ]);
  });

  it('tell of overdue reviews, and of reconciliation that does not come round', () => {
    expect(codesOf({ overdueReviews: { count: 1, oldest: instant(7) } })).toEqual(['review_overdue']);
    expect(codesOf({ lastPassAt: instant(NOW - PASS_IS_LATE_MS + 1) })).toEqual([]);
    expect(codesOf({ lastPassAt: instant(NOW - PASS_IS_LATE_MS) })).toEqual(['reconciliation_late']);
  });
});
