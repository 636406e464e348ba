// Test harness. The plans as they are shipped, for tests that need no more of them than what they grant and cost.
import { fileURLToPath } from 'node:url';
import { readPlans } from '../../apps/cli/src/database/plan-files.js';

export const SHIPPED_PLANS = readPlans(fileURLToPath(new URL('../../plans', import.meta.url)));
