// Goal: nothing is taken for lost but what is proven to be. Method: every standing, on both sides of the grace.
import { describe, expect, it } from '@jest/globals';
import { instant } from '../time/instant.js';
import type { WorkflowStanding } from './drift.js';
import { isLost, WORKFLOW_ENDS } from './drift.js';

const GRACE_MS = 60_000;
const CREATED = instant(1_000_000);
const lostAfter = (standing: WorkflowStanding, ageMs: number): boolean =>
  isLost({ createdAt: CREATED, standing }, instant(CREATED + ageMs), GRACE_MS);

describe('a job whose workflow was asked for', () => {
  it('[edge 31] is never lost while its workflow is open, however long that is', () => {
    expect([0, GRACE_MS, 400 * 86_400_000].map((age) => lostAfter({ state: 'open' }, age))).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('is lost where the workflow is closed in any way, or was never there', () => {
    for (const how of WORKFLOW_ENDS) expect(lostAfter({ state: 'closed', how }, GRACE_MS)).toBe(true);
    expect(lostAfter({ state: 'never' }, GRACE_MS)).toBe(true);
  });

  it('is left alone within the grace, whatever was answered', () => {
    expect(lostAfter({ state: 'never' }, GRACE_MS - 1)).toBe(false);
    expect(lostAfter({ state: 'closed', how: 'terminated' }, GRACE_MS - 1)).toBe(false);
  });
});
