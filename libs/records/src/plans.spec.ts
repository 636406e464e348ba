// Goal: a published version of a plan stays as it is, and an account is limited by the version that it is on.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PlanVersion } from '@fairmeter/domain';
import { instant } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import { creditsOf, planVersionFor } from '../../../test/harness/orders.js';
import { TestStack } from '../../../test/harness/test-stack.js';
import { readPlanOfAccount } from './bot-setup.js';
import { listPlans, publishPlan, readArtefactLimit } from './plans.js';

describe('versions of a plan', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.open();
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  const planId = `plan_${newId('txt')}`;
  const first = planVersionFor(
    { id: planId, name: 'agreed', maxIterations: 7 },
    {
      periodAllowance: creditsOf('9007199254740.993'),
      price: { minor: 123n, currency: 'eur' },
      billingPeriod: { every: 'year' },
    },
  );
  const second: PlanVersion = {
    ...first,
    version: 2,
    effectiveFrom: instant(1_900_000_000_123),
    limits: { ...first.limits, maxIterations: 9, artefacts: { allowed: true, maxFiles: 3, maxBytes: 4 } },
  };
  const publish = async (plan: PlanVersion): Promise<string> =>
    stack.entities.transaction((tx) => publishPlan(tx, plan));

  it('are read as they were published, and once more is nothing', async () => {
    expect([await publish(first), await publish(second), await publish(first)]).toEqual([
      'published',
      'published',
      'known',
    ]);
    const stored = (await listPlans(stack.entities.manager)).filter((plan) => plan.planId === planId);
    expect(stored).toEqual([first, second]);
  });

  it('are refused with other figures, by the database too', async () => {
    await expect(publish({ ...second, dailyAllowance: creditsOf('1') })).rejects.toThrow(
      `plan ${planId} version 2 is published with other figures`,
    );
    const change = `UPDATE records.plans SET period_allowance = 1 WHERE id = $1`;
    await expect(stack.entities.manager.query(change, [planId])).rejects.toThrow('stays as it is');
    await expect(stack.entities.manager.query('DELETE FROM records.plans WHERE id = $1', [planId])).rejects.toThrow();
  });

  it('[edge 40] limit the accounts that are on them', async () => {
    const accountId = newId('acc');
    const { manager } = stack.entities;
    await manager.query(
      `INSERT INTO records.accounts (id, name, status, time_zone, plan_id) VALUES ($1, 'A', 'active', 'UTC', $2)`,
      [accountId, planId],
    );
    expect((await readPlanOfAccount(manager, accountId))?.maxIterations).toBe(7);
    await manager.query('UPDATE records.accounts SET plan_version = 2 WHERE id = $1', [accountId]);
    expect((await readPlanOfAccount(manager, accountId))?.maxIterations).toBe(9);
    expect(await readArtefactLimit(manager, accountId)).toEqual({ allowed: true, maxFiles: 3, maxBytes: 4 });
    await expect(
      manager.query('UPDATE records.accounts SET plan_version = 3 WHERE id = $1', [accountId]),
    ).rejects.toThrow('violates foreign key');
  });
});
