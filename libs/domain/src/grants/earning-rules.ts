// Domain room. How anybody can earn credits: what counts as a contribution, and what it brings. Reviewed data: a change
// holds for contributions that are rewarded from then on, and changes no grant that was asked for.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { credits } from '../amounts/micro-credits.js';

export const EARNING_RULE_IDS = ['feedback', 'bug_report', 'community_build'] as const;
export type EarningRuleId = (typeof EARNING_RULE_IDS)[number];

export interface EarningRule {
  readonly title: string;
  /** Once for each contribution. */
  readonly amount: MicroCredits;
}

export const EARNING_RULES: Readonly<Record<EarningRuleId, EarningRule>> = {
  feedback: { title: 'Feedback that led to a change', amount: credits(5n) },
  bug_report: { title: 'The first report of a fault that could be repeated', amount: credits(20n) },
  community_build: { title: 'A build or guide that was published for others to use', amount: credits(50n) },
};
