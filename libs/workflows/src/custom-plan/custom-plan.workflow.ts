// Workflows room. What the staff say to a request for a custom plan: done once it is said, whoever goes away meanwhile.
import type { CustomPlanAnswer, CustomPlanInput } from '@fairmeter/contracts';
import { decideCustomPlan } from '../proxies.js';

export async function customPlan(input: CustomPlanInput): Promise<CustomPlanAnswer> {
  return decideCustomPlan(input);
}
