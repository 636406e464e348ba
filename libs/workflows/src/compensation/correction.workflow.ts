// Workflows room. What a compensation posted by mistake is taken back, by an entry of its own: one step.
import type { CorrectionDone, CorrectionInput } from '@fairmeter/contracts';
import { correctCompensation } from '../proxies.js';

export async function compensationCorrection(input: CorrectionInput): Promise<CorrectionDone> {
  return correctCompensation({ ...input, asOf: Date.now() });
}
