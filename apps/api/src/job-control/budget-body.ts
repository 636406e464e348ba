// API room. What a change of a job's budget may say.
import { z } from 'zod';
import { creditAmount } from '../jobs/submit-body.js';

export const budgetBody = z.strictObject({
  max_credits: creditAmount.describe('The new budget of the job in credits, a decimal string: all it may cost.'),
});

export type BudgetBody = z.output<typeof budgetBody>;
