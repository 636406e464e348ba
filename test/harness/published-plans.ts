// Test harness. The plans as a deployment has them: a test's database begins with plans that nobody was sold.
import { publishPlan } from '@fairmeter/records';
import { SHIPPED_PLANS } from './shipped-plans.js';
import type { TestStack } from './test-stack.js';

export async function publishShippedPlans({ entities }: Pick<TestStack, 'entities'>): Promise<void> {
  await entities.transaction(async (tx) => {
    for (const plan of SHIPPED_PLANS) await publishPlan(tx, plan);
  });
}
