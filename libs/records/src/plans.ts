// Records room. Plans as the catalogue of models needs them.
import type { PlanModels } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import { PlanRow } from './rows/account.row.js';

/** The smallest plan first. No plan names its models yet, so each allows all that are not premium. */
export async function readPlanModels(tx: EntityManager): Promise<readonly PlanModels[]> {
  const plans = await tx.getRepository(PlanRow).find({ order: { maxIterations: 'ASC', name: 'ASC' } });
  return plans.map(({ name }) => ({ name, models: null }));
}
